/** For tests: time that passes only while somebody waits for it. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from './clock.ts';

export interface FakeClock extends Clock {
  /** How long was waited, in milliseconds, in the order of the calls. */
  readonly slept: readonly number[];
}

/** Who waits for the earliest time goes on first, once all that can be done before is done. */
export function fakeClock(): FakeClock {
  let time = 0;
  const slept: number[] = [];
  const waiting: { readonly until: number; readonly wake: () => void }[] = [];

  async function pass(): Promise<void> {
    await turn();
    const next = waiting.toSorted((a, b) => a.until - b.until)[0];
    if (next === undefined) return;
    waiting.splice(waiting.indexOf(next), 1);
    time = Math.max(time, next.until);
    next.wake();
  }

  return {
    slept,
    now: () => time,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      slept.push(ms);
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ until: time + ms, wake: resolve });
      void pass();
      await promise;
      signal.throwIfAborted();
    },
  };
}
