/** Keeps the feeds current: an update at once, then whenever a feed is due or somebody asks for one. */
import { messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import type { FeedResult, UpdateOptions } from './update-feeds.ts';
import { createUpdateRequests, type UpdateRequests } from './update-requests.ts';
import { type UpdaterConfig, updaterWarnings } from './updater-warnings.ts';

export interface FeedLoopOptions extends UpdateOptions {
  /** `matcher.period` in ms. */
  readonly period: number;
  readonly log: Log;
  /** Updates that are asked for beside the period. */
  readonly requests?: UpdateRequests;
  /** `updaters.filter`, to be warned of. */
  readonly filter?: string | undefined;
  readonly now?: () => Date;
}

/** What the loop needs of a matcher. */
export interface Updater {
  updateFeeds(options: UpdateOptions): Promise<FeedResult[]>;
  /** The names that `updaters.sets` may have. */
  knownSets?(): readonly string[];
}

/** ms between two updates at least, and where nobody knows when a feed is due: the database may be away. */
const PAUSE = 10_000;
const RETRY = 60_000;
/** Another replica is at it: by then it is done, or gone. */
const BUSY = 5 * 60_000;
/** A timer holds no longer than 24 days. */
const LONGEST = 24 * 3600 * 1000;

/** Ends when the signal is aborted; never throws. */
export async function feedLoop(
  matcher: Updater,
  { log, requests = createUpdateRequests(), filter, now = () => new Date(), ...options }: FeedLoopOptions,
): Promise<void> {
  const { period, signal } = options;
  warn(matcher, { sets: options.sets, filter }, log);
  let request: Awaited<ReturnType<UpdateRequests['next']>>;
  while (!signal.aborted) {
    const update = request === undefined ? { onlyDue: true } : { only: request.only };
    let wait = Math.min(RETRY, period);
    requests.running = true;
    try {
      const results = await matcher.updateFeeds({ ...options, ...update });
      tell(results, log);
      // Of the others nobody knows when they are due: that is asked next.
      wait = request === undefined ? waitOf(results, now(), period) : Math.min(PAUSE, period);
    } catch (error) {
      if (!signal.aborted) log.error('update of the feeds failed', { reason: messageOf(error) });
    }
    requests.running = false;
    request = await requests.next(wait, signal);
  }
}

/** How long until the first of these feeds is due, in ms; a little more by chance, so that replicas drift apart. */
export function waitOf(
  results: readonly FeedResult[],
  now: Date,
  period: number,
  random: () => number = Math.random,
): number {
  const waits = results.map(({ state, nextTry }) => {
    if (nextTry !== undefined) return nextTry.getTime() - now.getTime();
    return state === 'busy' ? BUSY : RETRY;
  });
  const wait = Math.max(Math.min(period, LONGEST, ...waits), Math.min(PAUSE, period));
  return wait * (1 + 0.05 * random());
}

function tell(results: readonly FeedResult[], log: Log): void {
  const count = Object.groupBy(results, ({ state }) => state);
  const fields = {
    updated: count.updated?.length ?? 0,
    unchanged: count.unchanged?.length ?? 0,
    failed: count.failed?.map(({ name }) => name) ?? [],
    busy: count.busy?.length ?? 0,
    current: count.current?.length ?? 0,
  };
  log.info('feeds updated', fields);
}

function warn(matcher: Updater, config: UpdaterConfig, log: Log): void {
  for (const reason of updaterWarnings(config, matcher.knownSets?.()))
    log.warn('a setting of the updaters has no effect', { reason });
}
