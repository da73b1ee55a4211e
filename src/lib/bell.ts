/** Wakes those who wait for work in this process. */

export interface Bell {
  readonly ring: () => void;
  /** Resolves at the next ring. Ask before looking for work: what comes meanwhile must not wait. */
  next(): Promise<void>;
}

export function createBell(): Bell {
  let waiting = Promise.withResolvers<void>();
  return {
    ring() {
      waiting.resolve();
      waiting = Promise.withResolvers<void>();
    },
    next: () => waiting.promise,
  };
}
