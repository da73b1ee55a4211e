/** Keeps the feeds current: an update at once, then one every period. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import type { FeedResult, UpdateOptions } from './update-feeds.ts';

export interface FeedLoopOptions extends UpdateOptions {
  /** `matcher.period` in ms. */
  readonly period: number;
  readonly log: Log;
}

/** What the loop needs of a matcher. */
export interface Updater {
  updateFeeds(options: UpdateOptions): Promise<FeedResult[]>;
}

/** Ends when the signal is aborted; never throws. */
export async function feedLoop(
  matcher: Updater,
  { period, log, ...options }: FeedLoopOptions,
): Promise<void> {
  await every(period, options.signal, async () => {
    try {
      const results = await matcher.updateFeeds(options);
      const count = Object.groupBy(results, ({ state }) => state);
      log.info('feeds updated', {
        updated: count.updated?.length ?? 0,
        unchanged: count.unchanged?.length ?? 0,
        failed: count.failed?.map(({ name }) => name) ?? [],
        busy: count.busy?.length ?? 0,
      });
    } catch (error) {
      if (!options.signal.aborted) log.error('update of the feeds failed', { reason: messageOf(error) });
    }
  });
}

/** Runs `task` now and then `period` ms after it ended, give or take a tenth: replicas that start together drift apart. */
export async function every(period: number, signal: AbortSignal, task: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await task();
    const jitter = 0.9 + 0.2 * Math.random();
    await sleep(period * jitter, undefined, { signal }).catch(() => {});
  }
}
