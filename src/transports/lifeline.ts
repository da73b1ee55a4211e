/** Waits for a peer that may hang or vanish: a wait ends with its connection, in time, or when it is told to. */

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** ms. */
  readonly timeout: number;
  /** What does not happen, for the message: `the broker does not confirm`. */
  readonly what: string;
}

export interface Lifeline {
  /** Why the connection is gone; undefined: it is not. */
  readonly failure: Error | undefined;
  /** The connection is gone: all waits fail with this. Only the first reason counts. */
  cut(reason: Error): void;
  /** Called when it is cut, at once if it is already. */
  onCut(act: () => void): void;
  wait<T>(work: Promise<T>, options: WaitOptions): Promise<T>;
}

/** For one connection. */
export function createLifeline(): Lifeline {
  // Not one promise that all race against: it would keep something of every wait as long as the connection lives.
  const waits = new Set<(reason: Error) => void>();
  const acts: (() => void)[] = [];
  let failure: Error | undefined;
  return {
    get failure() {
      return failure;
    },
    cut(reason) {
      if (failure !== undefined) return;
      failure = reason;
      for (const end of waits) end(reason);
      for (const act of acts) act();
    },
    onCut(act) {
      if (failure !== undefined) act();
      else acts.push(act);
    },
    async wait(work, { signal, timeout, what }) {
      work.catch(() => {}); // it may fail after the wait is over
      const over = Promise.withResolvers<never>();
      const onAbort = (): void => over.reject(signal?.reason);
      if (failure !== undefined) over.reject(failure);
      if (signal?.aborted) onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      const timer = setTimeout(
        () => over.reject(new Error(`${what} within ${Math.ceil(timeout / 1000)} s`)),
        timeout,
      );
      waits.add(over.reject);
      try {
        return await Promise.race([work, over.promise]);
      } finally {
        clearTimeout(timer);
        waits.delete(over.reject);
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}
