/** Updates the feeds of one set: lists them, asks each, and notes which are not there any more. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Feed } from '../../contract/feed.ts';
import { messageOf } from '../../errors.ts';
import { isDue, nextTry } from '../store/feed-schedule.ts';
import { noteVanished, saveSetAttempt } from '../store/feeds.ts';
import { loadSchedule, type SetSchedule } from '../store/load-schedule.ts';
import { createFeedContext } from './feed-context.ts';
import { feedSource } from './feed-source.ts';
import { type FeedResult, hashOf, NOTHING, timeLimit, type UpdateRun } from './update-run.ts';
import { updateSource } from './update-source.ts';

/** ms for the list of a set. */
const LIST_TIME = 15 * 60_000;

/** `seen`: names of feeds that are taken already. Throws only when the update is stopped. */
export async function updateSet(
  run: UpdateRun,
  set: string,
  members: Ecosystem['feeds'],
  seen: Set<string>,
): Promise<FeedResult[]> {
  const { db, log, now } = run;
  try {
    // Held until all its feeds are done: other replicas neither list it nor ask any of them meanwhile.
    await using lock = await db.tryLock(`feed-set:${set}`);
    if (lock === undefined) return [{ ...NOTHING, name: set, kind: 'set', state: 'busy' }];
    const own = { ...run, signal: AbortSignal.any([run.signal, lock.signal]) };
    // Of all feeds: which of them are this set's is known only when it is listed.
    const askedWith = hashOf(run.config ?? {});
    const schedule = await loadSchedule(db, set, askedWith);
    if (run.onlyDue && !isAnyDue(schedule, run)) {
      const state = { state: 'current', ...earliest(schedule) } as const;
      return [{ ...NOTHING, name: set, kind: 'set', ...state }];
    }
    const { feeds, errors, retryAfter } = await listFeeds(own, set, members);
    const failed: FeedResult[] = [];
    if (errors.length > 0) {
      const error = errors.join('; ');
      const next = nextTry({ ...run, failures: (schedule.list?.failures ?? 0) + 1, retryAfter });
      // If that fails as well, the first failure says more.
      await saveSetAttempt(db, set, { at: now(), error, nextTry: next, askedWith }).catch(() => {});
      log.warn('feeds of a set could not be listed', { set, reason: error });
      failed.push({ ...NOTHING, name: set, kind: 'set', state: 'failed', error, nextTry: next });
      for (const result of failed) run.onProgress?.({ name: set, rows: 0, result });
    }
    if (errors.length === 0) {
      const names = feeds.map(({ name }) => name);
      const vanished = await noteVanished(db, set, names, now());
      if (vanished.length > 0) log.warn('feeds are not listed any more', { set, feeds: vanished });
    }
    const { only } = run;
    const isSelected = ({ name }: Feed): boolean =>
      only === undefined || only.sets?.includes(set) === true || only.feeds?.includes(name) === true;
    const selected = feeds.filter(isSelected);
    const fresh = selected.filter(({ name }) => !seen.has(name) && seen.add(name));
    const done = await Promise.allSettled(fresh.map((feed) => updateSource(own, feedSource(set, feed))));
    run.signal.throwIfAborted();
    const results = done.map((result, index): FeedResult => {
      if (result.status === 'fulfilled') return result.value;
      // The set's lock was lost with its connection: another replica may be at it by now.
      const { name } = fresh[index]!;
      return { ...NOTHING, name, kind: 'vulnerability', state: 'failed', error: messageOf(result.reason) };
    });
    // Only now: a set whose update was cut short, here or where it is busy, has not been asked.
    const isDone = results.length === fresh.length && results.every(({ state }) => state !== 'busy');
    if (isDone && errors.length === 0 && selected.length === feeds.length) {
      await saveSetAttempt(db, set, { at: now(), nextTry: nextTry({ ...run, failures: 0 }), askedWith });
    }
    return [...failed, ...results];
  } catch (error) {
    run.signal.throwIfAborted();
    log.warn('a set could not be updated', { set, reason: messageOf(error) });
    return [{ ...NOTHING, name: set, kind: 'set', state: 'failed', error: messageOf(error) }];
  }
}

function isAnyDue({ list, feeds }: SetSchedule, { now, period }: UpdateRun): boolean {
  return list === undefined || [list, ...feeds].some((each) => isDue(each, now(), period));
}

function earliest({ list, feeds }: SetSchedule): { nextTry?: Date } {
  const times = [list, ...feeds].flatMap((each) => each?.next_try?.getTime() ?? []);
  return times.length === 0 ? {} : { nextTry: new Date(Math.min(...times)) };
}

interface Listed {
  readonly feeds: readonly Feed[];
  readonly errors: readonly string[];
  /** How long upstream asked to be left alone, in ms. */
  readonly retryAfter: number;
}

async function listFeeds(run: UpdateRun, set: string, members: Ecosystem['feeds']): Promise<Listed> {
  const { now, http, config, log } = run;
  using limit = timeLimit(`the list of set ${set}`, LIST_TIME);
  const signal = AbortSignal.any([run.signal, limit.signal]);
  await using context = createFeedContext({ source: set, http, now, signal });
  const listed = await Promise.allSettled(
    members.map(async (member) => member.feeds(config?.[set], context)),
  );
  run.signal.throwIfAborted();
  for (const problem of context.problems) log.warn('problem in the list of a set', { set, ...problem });
  return {
    feeds: listed.flatMap((result) => (result.status === 'fulfilled' ? result.value : [])),
    errors: listed.flatMap((result) => (result.status === 'rejected' ? [messageOf(result.reason)] : [])),
    retryAfter: context.retryAfter,
  };
}
