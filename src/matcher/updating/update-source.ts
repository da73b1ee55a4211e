/** Asks one feed or enricher for news and loads them, under its lock; what comes of it is noted. */
import { messageOf } from '../../errors.ts';
import type { ImportOptions } from '../importing/import-feed.ts';
import { isDue, nextTry } from '../store/feed-schedule.ts';
import { ensureFeed, type FeedRow, saveAttempt } from '../store/feeds.ts';
import { createFeedContext, type OwnFeedContext } from './feed-context.ts';
import type { FeedSource } from './feed-source.ts';
import { guardRows, maxRowLoss } from './guard-rows.ts';
import { type FeedResult, hashOf, NOTHING, timeLimit, type UpdateRun } from './update-run.ts';

/** ms for a feed, from the first request to its last row: a server that sends a byte a minute must not hold it for ever. */
const TIME_LIMIT = 3 * 3600 * 1000;

/** Throws only when the update is stopped. */
export async function updateSource(run: UpdateRun, source: FeedSource): Promise<FeedResult> {
  return await run.fetching(async () => {
    const { name, kind } = source;
    const fields = { feed: name, kind };
    let result: FeedResult;
    try {
      run.signal.throwIfAborted();
      result = await updateLocked(run, source);
    } catch (error) {
      run.signal.throwIfAborted();
      result = { ...NOTHING, name, kind, state: 'failed', error: messageOf(error) };
    }
    if (result.state === 'updated') run.log.info('feed updated', { ...fields, ...result });
    else if (result.state === 'failed') run.log.warn('feed failed', { ...fields, reason: result.error });
    else run.log.debug('feed not updated', { ...fields, state: result.state });
    run.onProgress?.({ name, rows: result.rows, result });
    return result;
  });
}

async function updateLocked(run: UpdateRun, source: FeedSource): Promise<FeedResult> {
  const { db, now, http } = run;
  const { name, kind } = source;
  await using lock = await db.tryLock(`feed:${kind}:${name}`);
  if (lock === undefined) return { ...NOTHING, name, kind, state: 'busy' };
  using limit = timeLimit(name, TIME_LIMIT);
  const signal = AbortSignal.any([run.signal, lock.signal, limit.signal]);
  const reader = readerOf(run, source);
  // Read under the lock: another replica may just have updated it.
  const row = await ensureFeed(db, { ...source, reader });
  if (run.onlyDue && !isDue(row, now(), run.period)) {
    return { ...NOTHING, name, kind, state: 'current', ...(row.next_try && { nextTry: row.next_try }) };
  }
  await using context = createFeedContext({ source: name, http, now, signal });
  try {
    return await load({ ...run, signal }, { ...source, reader }, row, context);
  } catch (error) {
    run.signal.throwIfAborted();
    const failures = row.failures + 1;
    const next = nextTry({ ...run, failures, retryAfter: context.retryAfter });
    const reason = messageOf(limit.signal.aborted ? limit.signal.reason : error);
    // If that fails as well, the first failure says more: then nobody knows when to try again.
    const isNoted = await saveAttempt(db, row.id, {
      at: now(),
      error: reason,
      nextTry: next,
      askedWith: reader,
    }).then(
      () => true,
      () => false,
    );
    const failed = { state: 'failed', error: reason, ...(isNoted && { nextTry: next }) } as const;
    return { ...NOTHING, name, kind, ...failed };
  }
}

async function load(
  run: UpdateRun,
  source: FeedSource,
  row: FeedRow,
  context: OwnFeedContext,
): Promise<FeedResult> {
  const { db, now, signal } = run;
  const { name, kind, set, reader } = source;
  const next = nextTry({ ...run, failures: 0 });
  const most = maxRowLoss(run.config, source);
  const fetched = await source.fetch(row.fingerprint, run.config?.[name], context);
  context.goOffline();
  if (fetched === 'unchanged') {
    await saveAttempt(db, row.id, { at: now(), nextTry: next, askedWith: reader });
    const { problemCount: problems } = context;
    return { ...NOTHING, name, kind, state: 'unchanged', problems, nextTry: next };
  }
  const options: ImportOptions = {
    id: row.id,
    reader,
    anew: row.fingerprint === '', // also when an operator wants it so, who deleted the last operation
    signal,
    problem: context.problem,
    onRows: (rows) => run.onProgress?.({ name, rows }),
    finish: (tx, { rows }) => {
      const { problems, problemCount } = context;
      guardRows({ name, set, before: row.row_count, after: rows, problems: problemCount }, most);
      const loaded = { fingerprint: fetched.fingerprint, reader, rows, problems, problemCount };
      return saveAttempt(tx, row.id, { at: now(), nextTry: next, askedWith: reader, loaded });
    },
  };
  const imported = await run.loading(() => fetched.import(db, options));
  const state = imported.added + imported.removed > 0 ? 'updated' : 'unchanged';
  return { ...imported, name, kind, state, problems: context.problemCount, nextTry: next };
}

/** Another configuration may mean another upstream: then what is known of the last one says nothing. */
function readerOf({ config }: UpdateRun, { name, set, reader }: FeedSource): string {
  const parts = [config?.[set], config?.[name]];
  return parts.every((part) => part === undefined) ? reader : `${reader} ${hashOf(parts)}`;
}
