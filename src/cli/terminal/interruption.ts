/** Ctrl-C and SIGTERM: what is being done comes to an orderly end; who insists does not wait for it. */
import { AppError } from '../../errors.ts';

export interface Interruption extends Disposable {
  /** Aborted when somebody asks for the end. */
  readonly signal: AbortSignal;
}

// A terminal sends Ctrl-C to a whole group and a launcher passes it on: what comes at once is the same request.
const AGAIN = 1000; // ms

/** Most that a timer can wait. */
const LONGEST = 2 ** 31 - 1; // ms

/** Listens until disposed; `message` is what ends the command then. After `timeout` ms it ends without being asked. */
export function interruption(message: string, timeout?: number): Interruption {
  const stop = new AbortController();
  const late = (): void =>
    stop.abort(new AppError('bad-target', `not done within --timeout (${timeout} ms)`));
  const timer = timeout === undefined ? undefined : setTimeout(late, Math.min(timeout, LONGEST));
  let asked = 0;
  const ask = (): void => {
    const now = performance.now();
    if (!stop.signal.aborted) {
      asked = now;
      stop.abort(new AppError('bad-target', message));
    } else if (now - asked > AGAIN) process.exit(130); // sh(1): 128 + SIGINT
  };
  process.on('SIGINT', ask).on('SIGTERM', ask);
  return {
    signal: stop.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      process.off('SIGINT', ask).off('SIGTERM', ask);
    },
  };
}
