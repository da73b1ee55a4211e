/** Keeps the store as new as a published database, in place of asking the feeds: at once, then each interval, or when somebody asks. */

import { messageOf } from '../../errors.ts';
import type { RegistrySessionOptions } from '../../image/registry/session.ts';
import { createHttpClient } from '../../lib/http-client.ts';
import type { Log } from '../../lib/log.ts';
import { readPublicKey } from '../../signing/public-key.ts';
import { deleteOldRuns } from '../store/delete-old-runs.ts';
import { removeAbandonedSpools } from '../updating/feed-context.ts';
import { createUpdateRequests, type UpdateRequests } from '../updating/update-requests.ts';
import type { FeedResult } from '../updating/update-run.ts';
import { openFirst } from './open-first.ts';
import { type PullParts, pullDatabase } from './pull.ts';

export interface DatabaseLoopOptions {
  /** `matcher.database`. */
  readonly repository: readonly string[];
  readonly key?: readonly string[] | undefined;
  /** ms. */
  readonly interval: number;
  /** `updaters.sets`: what of it is taken; undefined: all. */
  readonly sets?: readonly string[] | undefined;
  /** `updaters.config`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** See `UpdateOptions`. */
  readonly retention?: number;
  readonly requests?: UpdateRequests;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** How registries are reached; for tests. */
  readonly registry?: Partial<RegistrySessionOptions>;
}

/** ms after which a repository that could not be read is asked again. */
const RETRY = 5 * 60_000;

/** Ends when the signal is aborted; never throws. */
export async function databaseLoop(parts: PullParts, options: DatabaseLoopOptions): Promise<void> {
  const { interval, log, signal, requests = createUpdateRequests() } = options;
  const listener = requests.listen();
  while (!signal.aborted) {
    listener.running = true;
    let wait = interval;
    try {
      const results = await pullOnce(parts, options);
      if (results.some(({ state }) => state === 'failed')) wait = Math.min(RETRY, interval);
    } catch (error) {
      wait = Math.min(RETRY, interval);
      if (!signal.aborted) log.error('published database could not be loaded', { reason: messageOf(error) });
    }
    listener.running = false;
    // Spread out: replicas and installations must not come in step.
    await listener.next(wait * (0.95 + 0.1 * Math.random()), signal);
  }
}

/** Asks the repository once, and loads what is newer. Throws `bad-target`, `feed`, `bad-config` or `database`. */
async function pullOnce(parts: PullParts, options: DatabaseLoopOptions): Promise<FeedResult[]> {
  const { repository, key, sets, config, retention, log, signal, registry } = options;
  await removeAbandonedSpools();
  await using http = createHttpClient();
  // Read each time: a key may be exchanged.
  const keys = key && (await Promise.all(key.map(readPublicKey)));
  await using database = await openFirst(repository, {
    registry: { insecure: false, ...registry, env: process.env, signal },
    http,
    ...(keys && { keys }),
    onSkipped: (reason) => log.warn('published database cannot be used', { reason }),
  });
  const isWanted = (position: number): boolean =>
    sets?.includes(database.config.feeds[position]!.feed_set) ?? true;
  const results = await pullDatabase(parts, database, {
    signal,
    ...(config && { config }),
    wanted: ({ feeds }) => feeds.some(isWanted),
  });
  for (const { name, error } of results.filter(({ state }) => state === 'failed'))
    log.warn('feed failed', { feed: name, reason: error });
  const count = Object.groupBy(results, ({ state }) => state);
  log.info('published database loaded', {
    repository: database.place.name,
    digest: database.digest,
    created: database.config.created,
    updated: count.updated?.length ?? 0,
    unchanged: count.unchanged?.length ?? 0,
    older: count.current?.length ?? 0,
    failed: count.failed?.map(({ name }) => name) ?? [],
  });
  if (retention) await deleteOldRuns(parts.db, retention, signal);
  return results;
}
