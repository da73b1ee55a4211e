/** Time as an argument: what passes it, and how long to wait. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds of which only differences mean something; never goes back. */
  now(): number;
  /** Waits for so many milliseconds; an aborted signal ends it by an error. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** Waits; an aborted signal ends it with the signal's reason. */
export async function pause(ms: number, signal: AbortSignal, clock: Clock = systemClock): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
