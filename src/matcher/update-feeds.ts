/** One update of all feeds: each on its own, so that a bad one never stops another. */
import type { Database } from '../db/database.ts';
import type { Ecosystem, Enricher, Feed } from '../ecosystems/contract.ts';
import { messageOf } from '../errors.ts';
import type { HttpClient } from '../lib/http-client.ts';
import type { Log } from '../lib/log.ts';
import { createFeedContext, removeAbandonedSpools } from './feed-context.ts';
import { enricherSource, feedSource, type Source } from './feed-source.ts';
import { createSlots, type Slots } from './slots.ts';
import { deleteOldRuns } from './store/delete-old-runs.ts';
import { ensureFeed, type FeedKind, saveAttempt, saveSetAttempt } from './store/feeds.ts';

export interface UpdateOptions {
  /** `updaters.sets`: undefined is all, [] none. */
  readonly sets?: readonly string[] | undefined;
  /** `updaters.config`: by the name of a set or of a feed. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** `matcher.update_retention`: how many runs of a feed are kept; 0 keeps all. */
  readonly retention?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FeedProgress) => void;
  /** How many feeds are loaded at once. */
  readonly concurrency?: number;
}

export interface FeedProgress {
  readonly name: string;
  /** Records read so far. */
  readonly rows: number;
  /** Set when the feed is done with. */
  readonly result?: FeedResult;
}

export interface FeedResult {
  /** Of the feed; of the set if its feeds could not be listed. */
  readonly name: string;
  readonly kind: FeedKind | 'set';
  /** `busy`: another replica is at it. */
  readonly state: 'updated' | 'unchanged' | 'failed' | 'busy';
  readonly rows: number;
  readonly added: number;
  readonly removed: number;
  readonly problems: number;
  readonly error?: string;
}

export interface UpdateParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly enrichers: readonly Enricher[];
  readonly now: () => Date;
  readonly log: Log;
  /** Another way to the world, for tests. */
  readonly http?: HttpClient;
}

const CONCURRENCY = 4;

/** Asks every feed of the wanted sets for news. Results in the order of their names; throws only when `signal` is aborted. */
export async function updateFeeds(parts: UpdateParts, options: UpdateOptions): Promise<FeedResult[]> {
  await using resources = new AsyncDisposableStack();
  await removeAbandonedSpools(parts.now());
  // Imported only now: a matcher that does not update has no use for a client.
  const http = parts.http ?? resources.use((await import('../lib/http-client.ts')).createHttpClient());
  const run: Run = { ...parts, ...options, http, slots: createSlots(options.concurrency ?? CONCURRENCY) };
  const wanted = (set: string): boolean => options.sets?.includes(set) ?? true;

  const sets = parts.ecosystems.flatMap(({ feeds }) => feeds).filter(({ set }) => wanted(set));
  // Several ecosystems may share a set: it is listed well when all of them are.
  const bySet = Map.groupBy(sets, ({ set }) => set);
  const enrichers = parts.enrichers.filter(({ name }) => wanted(name));
  const seen = new Set<string>();
  // All have come to rest before anything is closed, also when the update is stopped.
  const settled = await Promise.allSettled([
    ...[...bySet].map(async ([set, members]) => {
      const { feeds, failures } = await listFeeds(run, set, members);
      const fresh = feeds.filter(({ name }) => !seen.has(name) && seen.add(name));
      const done = await Promise.allSettled(fresh.map((feed) => update(run, feedSource(set, feed))));
      const results = done.flatMap(outcomes);
      // Only now: a set whose update was cut short, here or where it is busy, has not been asked.
      const isDone = results.length === fresh.length && results.every(({ state }) => state !== 'busy');
      if (isDone && failures.length === 0) await noteSetDone(run, set);
      return [...failures, ...results];
    }),
    ...enrichers.map((enricher) => update(run, enricherSource(enricher))),
  ]);
  options.signal.throwIfAborted();
  if (options.retention) {
    await deleteOldRuns(parts.db, options.retention).catch((error: unknown) =>
      parts.log.warn('old runs could not be deleted', { reason: messageOf(error) }),
    );
  }
  return settled.flatMap(outcomes).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function outcomes<T>(result: PromiseSettledResult<T | T[]>): T[] {
  return result.status === 'rejected' ? [] : ([result.value].flat() as T[]);
}

interface Run extends UpdateParts, UpdateOptions {
  readonly http: HttpClient;
  readonly slots: Slots;
}

async function listFeeds(
  run: Run,
  set: string,
  members: Ecosystem['feeds'],
): Promise<{ feeds: Feed[]; failures: FeedResult[] }> {
  const { db, now, http, config, signal, log } = run;
  await using context = createFeedContext({ source: set, http, now, signal });
  const listed = await Promise.allSettled(
    members.map(async (member) => member.feeds(config?.[set], context)),
  );
  signal.throwIfAborted();
  const feeds = listed.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const errors = listed.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : []));
  for (const problem of context.problems) log.warn('problem in the list of a set', { set, ...problem });
  if (errors.length === 0) return { feeds, failures: [] };
  const error = errors.join('; ');
  // If that fails as well, the first failure says more.
  await saveSetAttempt(db, set, now(), error).catch(() => {});
  log.warn('feeds of a set could not be listed', { set, reason: error });
  const failure: FeedResult = { ...NOTHING, name: set, kind: 'set', state: 'failed', error };
  run.onProgress?.({ name: set, rows: 0, result: failure });
  return { feeds, failures: [failure] };
}

async function noteSetDone({ db, now, log }: Run, set: string): Promise<void> {
  await saveSetAttempt(db, set, now()).catch((error: unknown) =>
    log.warn('the end of the update of a set could not be noted', { set, reason: messageOf(error) }),
  );
}

const NOTHING = { rows: 0, added: 0, removed: 0, problems: 0 };

async function update(run: Run, source: Source): Promise<FeedResult> {
  return await run.slots(async () => {
    const { name, kind } = source;
    const fields = { feed: name, kind };
    let result: FeedResult;
    try {
      run.signal.throwIfAborted();
      result = await updateLocked(run, source);
      if (result.state === 'updated') run.log.info('feed updated', { ...fields, ...result });
      else run.log.debug('feed not updated', { ...fields, state: result.state });
    } catch (error) {
      run.signal.throwIfAborted();
      result = { ...NOTHING, name, kind, state: 'failed', error: messageOf(error) };
      run.log.warn('feed failed', { ...fields, reason: result.error });
    }
    run.onProgress?.({ name, rows: result.rows, result });
    return result;
  });
}

async function updateLocked(run: Run, source: Source): Promise<FeedResult> {
  const { db, now, http } = run;
  const { name, kind } = source;
  await using lock = await db.tryLock(`feed:${kind}:${name}`);
  if (lock === undefined) return { ...NOTHING, name, kind, state: 'busy' };
  const signal = AbortSignal.any([run.signal, lock.signal]);
  const { id, fingerprint } = await ensureFeed(db, source);
  await using context = createFeedContext({ source: name, http, now, signal });
  try {
    const fetched = await source.fetch(fingerprint, run.config?.[name], context);
    if (fetched === 'unchanged') {
      await saveAttempt(db, id, { at: now() });
      return { ...NOTHING, name, kind, state: 'unchanged', problems: context.problemCount };
    }
    const imported = await fetched.import(db, {
      id,
      signal,
      problem: context.problem,
      onRows: (rows) => run.onProgress?.({ name, rows }),
      finish: (tx, { rows }) => {
        const { problems, problemCount } = context;
        return saveAttempt(tx, id, {
          at: now(),
          loaded: { fingerprint: fetched.fingerprint, reader: source.reader, rows, problems, problemCount },
        });
      },
    });
    const state = imported.added + imported.removed > 0 ? 'updated' : 'unchanged';
    return { ...imported, name, kind, state, problems: context.problemCount };
  } catch (error) {
    run.signal.throwIfAborted();
    // If that fails as well, the first failure says more.
    await saveAttempt(db, id, { at: now(), error: messageOf(error) }).catch(() => {});
    throw error;
  }
}
