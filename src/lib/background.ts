/** Background work that yields to requests: in pieces, one at a time in a process, each followed by a rest in which requests have the machine. */
import { performance } from 'node:perf_hooks';
import { type Clock, pause, systemClock } from './clock.ts';
import { orAborted } from './or-aborted.ts';

/** A rest is so many times as long as the piece before it took, so that the work takes two fifths of the time. */
const REST = 1.5;
/** The same while the process is busy with requests: the work never takes less than a tenth of the time. */
const MOST = 9;
/** ms; a piece may have waited for another service. */
const LONGEST = 5000;
/** ms of pieces and their rests that may be ahead: what is done in less does not wait. */
const CREDIT = 1000;

/**
 * Runs `work` as one piece, which should take tens of milliseconds. It waits for other pieces and their rests, and returns before
 * its own rest. `work` must not wait for another piece. Throws what `work` throws; the reason of `signal` if that is aborted before it begins.
 */
export type InBackground = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * Creates what runs pieces. A slow database needs no other signal: its pieces take longer, and so do their rests. `share`: measures
 * which part (0 to 1) of the time since the call the process has been busy.
 */
export function backgroundWork(clock: Clock = systemClock, share = eventLoopShare): InBackground {
  let before: Promise<void> = Promise.resolve();
  /** When all pieces so far have had their rests, but for `last`. */
  let rested = Number.NEGATIVE_INFINITY;
  let last: { readonly took: number; readonly busy: () => number } | undefined;

  async function rest(signal: AbortSignal): Promise<void> {
    if (last === undefined) return;
    const { took, busy } = last;
    const until = async (length: number): Promise<boolean> => {
      const left = rested + length - CREDIT - clock.now();
      if (left > 0) await pause(left, signal, clock);
      return left > 0;
    };
    const lengthOf = (times: number): number => Math.min(took * times, LONGEST);
    let length = lengthOf(REST);
    if (await until(length)) {
      length = lengthOf(Math.min(REST / Math.max(1 - busy(), 0.01), MOST));
      await until(length);
    }
    rested += length;
    last = undefined;
  }

  return async (work, signal) => {
    const turn = before;
    const { promise, resolve } = Promise.withResolvers<void>();
    before = turn.then(() => promise);
    try {
      await orAborted(turn, signal);
      await rest(signal);
      signal.throwIfAborted();
      const start = clock.now();
      try {
        return await work();
      } finally {
        const took = clock.now() - start;
        rested = Math.max(rested, start) + took;
        last = { took, busy: share() };
      }
    } finally {
      resolve();
    }
  };
}

function eventLoopShare(): () => number {
  const start = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(start).utilization;
}

/** The pieces of this process. */
export const inBackground = backgroundWork();
