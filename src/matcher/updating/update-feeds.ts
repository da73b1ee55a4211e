/** One update of all feeds: each on its own, so that a bad one never stops another. */
import type { Database } from '../../db/database.ts';
import { messageOf } from '../../errors.ts';
import type { HttpClient } from '../../lib/http-client.ts';
import { deleteOldRuns } from '../store/delete-old-runs.ts';
import { drawJitter } from '../store/feed-schedule.ts';
import { loadSetsOf } from '../store/load-schedule.ts';
import { removeAbandonedSpools } from './feed-context.ts';
import { enricherSource } from './feed-source.ts';
import { createTaskQueue } from './task-queue.ts';
import {
  type FeedResult,
  outcomes,
  type Shared,
  type UpdateOptions,
  type UpdateParts,
  type UpdateRun,
} from './update-run.ts';
import { updateSet } from './update-set.ts';
import { updateSource } from './update-source.ts';

export type {
  FeedProgress,
  FeedResult,
  FeedSelection as Selection,
  UpdateOptions,
  UpdateParts,
} from './update-run.ts';

const LOADING = 4;
/** Slow ones must not keep the others from being fetched. */
const FETCHING = 16;
const PERIOD = 6 * 3600 * 1000;

/** Asks every feed of the wanted sets for news. Results in the order of their names; throws only when `signal` is aborted. */
export async function updateFeeds(parts: UpdateParts, options: UpdateOptions): Promise<FeedResult[]> {
  await using resources = new AsyncDisposableStack();
  await removeAbandonedSpools();
  const isWanted = await wantedSets(parts.db, options);
  const shared = options.shared ?? resources.use(await shareRounds(parts.http, options.concurrency));
  const run: UpdateRun = {
    ...parts,
    ...options,
    ...shared,
    started: parts.now(),
    jitter: drawJitter(),
    period: options.period ?? PERIOD,
  };
  const sets = parts.ecosystems.flatMap(({ feeds }) => feeds).filter(({ set }) => isWanted(set));
  // Several ecosystems may share a set: it is listed well when all of them are.
  const bySet = Map.groupBy(sets, ({ set }) => set);
  const enrichers = parts.enrichers.filter(({ name }) => isWanted(name));
  const seen = new Set<string>();
  // All have come to rest before anything is closed, also when the update is stopped.
  const settled = await Promise.allSettled([
    ...[...bySet].map(([set, members]) => updateSet(run, set, members, seen)),
    ...enrichers.map((enricher) => updateSource(run, enricherSource(enricher))),
  ]);
  options.signal.throwIfAborted();
  if (options.retention) {
    await deleteOldRuns(parts.db, options.retention, options.signal).catch((error: unknown) =>
      parts.log.warn('old runs could not be deleted', { reason: messageOf(error) }),
    );
  }
  return settled.flatMap(outcomes).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** What rounds share that run at the same time; `http`: another way to the world. */
export async function shareRounds(
  http: HttpClient | undefined,
  concurrency?: number,
): Promise<Shared & AsyncDisposable> {
  // Imported only now: a matcher that does not update has no use for a client.
  const own = http === undefined ? (await import('../../lib/http-client.ts')).createHttpClient() : undefined;
  return {
    http: http ?? own!,
    fetching: createTaskQueue(concurrency ?? FETCHING),
    loading: createTaskQueue(concurrency ?? LOADING),
    [Symbol.asyncDispose]: async () => await own?.[Symbol.asyncDispose](),
  };
}

async function wantedSets(
  db: Database,
  { sets, only }: Pick<UpdateOptions, 'sets' | 'only'>,
): Promise<(set: string) => boolean> {
  const selected = only && new Set(only.sets);
  if (only?.feeds?.length) for (const set of await loadSetsOf(db, only.feeds)) selected!.add(set);
  return (set) => (sets?.includes(set) ?? true) && (selected?.has(set) ?? true);
}
