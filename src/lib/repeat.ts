/** Does a thing again and again, until the service stops. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bell } from './bell.ts';

/** A timer holds no longer than 24 days. */
const LONGEST = 24 * 24 * 3600_000;

/**
 * `work` gives the ms until the next time, `failed` after it has thrown. The bell ends a wait early. Waits are a little
 * shorter or longer by chance, so that replicas drift apart. Never throws.
 */
export async function repeat(
  signal: AbortSignal,
  bell: Bell | undefined,
  failed: (error: unknown) => number,
  work: () => Promise<number>,
): Promise<void> {
  while (!signal.aborted) {
    const rung = bell?.next();
    let wait: number;
    try {
      wait = await work();
    } catch (error) {
      if (signal.aborted) return;
      wait = failed(error);
    }
    await rest(Math.min(wait * (0.95 + Math.random() / 10), LONGEST), rung, signal);
  }
}

async function rest(
  milliseconds: number,
  rung: Promise<void> | undefined,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const time = sleep(milliseconds, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(
    () => {},
  );
  await (rung === undefined ? time : Promise.race([time, rung]));
  over.abort();
}
