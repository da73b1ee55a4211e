/** An end in time for work that takes a signal. */

export interface Deadline extends Disposable {
  /** Aborted with the reason after the time, unless disposed before. */
  readonly signal: AbortSignal;
}

/** `reason` is made when the time is up. */
export function startDeadline(milliseconds: number, reason: () => Error): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(reason()), milliseconds).unref();
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
