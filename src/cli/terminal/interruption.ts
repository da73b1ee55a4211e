/** Ctrl-C and SIGTERM: what is being done comes to an orderly end; who insists does not wait for it. */
import { AppError } from '../../errors.ts';

export interface Interruption extends Disposable {
  /** Aborted when somebody asks for the end. */
  readonly signal: AbortSignal;
}

// A terminal sends Ctrl-C to a whole group and a launcher passes it on: what comes at once is the same request.
const AGAIN = 1000; // ms

/** Listens until disposed; `message` is what ends the command then. */
export function interruption(message: string): Interruption {
  const stop = new AbortController();
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
      process.off('SIGINT', ask).off('SIGTERM', ask);
    },
  };
}
