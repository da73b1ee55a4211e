/** Looks for runs that nobody was told of, and makes the notifications of each. */
import type { Database } from '../db/database.ts';
import { AppError, type ErrorCode, messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { redact } from '../lib/redact.ts';
import { BEGINNING, collect } from './collect.ts';
import { nameUuid } from './names.ts';
import { type Baseline, planRuns, type Step } from './plan-runs.ts';
import type { ManifestSource, Run, RunSource, Runs } from './sources.ts';
import {
  beginSet,
  countFailure,
  endSet,
  loadGathering,
  type NewSet,
  StoredVulnerabilities,
  saveItems,
} from './store/save-set.ts';
import {
  addUpdater,
  hasPolled,
  loadLast,
  loadProgress,
  saveFirstPoll,
  saveProgress,
  takeUpdater,
} from './store/updaters.ts';

export interface PollParts {
  readonly db: Database;
  readonly runs: RunSource;
  readonly manifests: ManifestSource;
  /** Names of the transports: each gets every set. */
  readonly targets: readonly string[];
  readonly summary: boolean;
  readonly baseline: Baseline;
  readonly log: Log;
  readonly now: () => Date;
  /** Called after each set that was stored. */
  readonly onSet?: () => void;
}

/** How many problems of the indexer are logged of one run. */
const MAX_PROBLEMS = 5;

/** What came of a poll. */
export interface Polled {
  /** Stored. */
  readonly sets: number;
  /** Whether nothing is left for another poll: no feed failed, and no other replica was at one. */
  readonly complete: boolean;
}

/** A feed whose runs cannot be processed does not keep the others from theirs. */
export async function poll(parts: PollParts, signal: AbortSignal): Promise<Polled> {
  const { db, runs, log } = parts;
  const latest = await runs.runs(true, signal);
  if (!(await hasPolled(db))) await firstPoll(parts, latest);
  const progress = await loadProgress(db);
  const changed = Object.entries(latest).filter(
    ([name, [newest]]) => newest !== undefined && progress.get(name)?.ref !== newest.ref,
  );
  if (changed.length === 0) return { sets: 0, complete: true };
  const all = await runs.runs(false, signal);
  let sets = 0;
  let complete = true;
  for (const [name] of changed) {
    try {
      if (!progress.has(name)) await addUpdater(db, name);
      const done = await processUpdater(parts, name, all[name] ?? [], signal);
      sets += done.sets;
      complete &&= done.complete;
    } catch (error) {
      signal.throwIfAborted();
      complete = false;
      log.error('runs of an updater could not be processed, and will be tried again', {
        updater: name,
        reason: messageOf(error),
      });
    }
  }
  log.info('poll done', { updaters: changed.length, notifications: sets });
  return { sets, complete };
}

async function firstPoll({ db, baseline, log, now }: PollParts, latest: Runs): Promise<void> {
  const known =
    baseline === 'notify'
      ? []
      : Object.entries(latest).flatMap(([name, [newest]]) => (newest ? [[name, newest] as const] : []));
  if ((await saveFirstPoll(db, known, now())) && baseline === 'skip') {
    log.info('first poll: what the feeds have now is known, and nothing is notified of it', {
      updaters: known.length,
    });
  }
}

/** One replica at a time. Whenever it ends early, whoever goes on has what was saved. */
async function processUpdater(
  parts: PollParts,
  name: string,
  runs: readonly Run[],
  signal: AbortSignal,
): Promise<Polled> {
  let sets = 0;
  for (;;) {
    const done = await processNext(parts, name, runs, signal);
    if (done === 'nothing' || done === 'busy') return { sets, complete: done === 'nothing' };
    if (done === 'stored') {
      sets++;
      parts.onSet?.();
    }
  }
}

async function processNext(
  parts: PollParts,
  name: string,
  runs: readonly Run[],
  signal: AbortSignal,
): Promise<'nothing' | 'busy' | 'stored' | 'quiet'> {
  const { db, log, now } = parts;
  await using lock = await db.tryLock(`notifier:${name}`);
  if (lock === undefined) return 'busy';
  const last = await loadLast(db, name);
  const plan = planRuns(runs, last, parts.baseline);
  if (plan.gap !== undefined) log.warn('runs are missing', { updater: name, reason: plan.gap });
  if (plan.baseline !== undefined) {
    log.info('a run is taken as known', { updater: name, ref: plan.baseline.ref });
    const { baseline } = plan;
    await db.transaction(async (tx) => {
      if (await takeUpdater(tx, name, last)) await saveProgress(tx, name, baseline, now());
    });
    return 'quiet';
  }
  const [step] = plan.steps;
  if (step === undefined) return 'nothing';
  const set = { ...newSet(parts, name, step), created: now() };
  try {
    return await processStep(parts, { set, step, last, signal: AbortSignal.any([signal, lock.signal]) });
  } catch (error) {
    if (error instanceof Overtaken) return 'busy';
    signal.throwIfAborted();
    lock.signal.throwIfAborted();
    if (!LASTING.has(error instanceof AppError ? error.code : 'internal-error')) throw error;
    if (!(await buried(parts, { set, step, last }, messageOf(error)))) throw error;
    return 'stored';
  }
}

/** Another replica has processed the run. */
class Overtaken extends Error {}

/** What does not pass by itself: what the other services say cannot be read, or there is a mistake in this program. */
const LASTING: ReadonlySet<ErrorCode> = new Set([
  'service-answer',
  'too-large',
  'bad-request',
  'not-found',
  'internal-error',
]);
/** After so many failures in a row the set is a dead letter: the feed goes on. */
const FAILURES = 5;
const MAX_ERROR = 1000;

interface Work {
  readonly set: NewSet;
  readonly step: Step;
  readonly last: Run | undefined;
}

/** Asks what a step changed and whom that affects, and saves it as it comes: whoever goes on begins where that ended. */
async function processStep(
  parts: PollParts,
  { set, step, last, signal }: Work & { readonly signal: AbortSignal },
): Promise<'stored' | 'quiet'> {
  const { db, runs, manifests, summary, log, now } = parts;
  const { updater } = set;
  const begun = await loadGathering(db, set.id);
  if (begun !== undefined && begun.place.changes > 0)
    log.info('a set is gathered further', { updater, ref: step.cur.ref, changes: begun.place.changes });
  let isBegun = begun !== undefined;
  let problems = 0;
  const known = new StoredVulnerabilities();
  await collect(() => runs.changes(step.cur.ref, step.prev?.ref, signal), {
    ...{ manifests, summary, signal, from: begun?.place ?? BEGINNING },
    async write(items, place) {
      if (items.length === 0 && !isBegun) return;
      const fresh = known.missing(items);
      // The other services may be slow: no transaction waits for them.
      await db.transaction(async (tx) => {
        if (!(await takeUpdater(tx, updater, last))) throw new Overtaken();
        if (!isBegun) await beginSet(tx, set);
        await saveItems(tx, set, items, { place, known, fresh });
      });
      isBegun = true;
      known.remember(fresh);
    },
    problem(reason) {
      if (++problems <= MAX_PROBLEMS)
        log.warn('a vulnerability could not be looked up', { updater, ref: step.cur.ref, reason });
    },
  });
  signal.throwIfAborted();
  const items = await db.transaction(async (tx) => {
    if (!(await takeUpdater(tx, updater, last))) throw new Overtaken();
    const count = isBegun ? await endSet(tx, set, parts.targets) : 0;
    await saveProgress(tx, updater, step.cur, now());
    return count;
  });
  log.info('run processed', {
    updater,
    ref: step.cur.ref,
    prev: step.prev?.ref ?? '',
    notification: items === 0 ? '' : set.id,
    items,
    ...(problems > 0 && { problems }),
  });
  return items === 0 ? 'quiet' : 'stored';
}

/** Counts a failure; after the last one the set is a dead letter, and its run is processed. Gives whether it is. */
async function buried({ db, targets, log, now }: PollParts, work: Work, why: string): Promise<boolean> {
  const { set, step, last } = work;
  const reason = redact(`not gathered: ${why}`).slice(0, MAX_ERROR);
  const items = await db.transaction(async (tx) => {
    if (!(await takeUpdater(tx, set.updater, last))) return undefined;
    await beginSet(tx, set);
    if ((await countFailure(tx, set.id)) < FAILURES) return undefined;
    const count = await endSet(tx, set, targets, reason);
    await saveProgress(tx, set.updater, step.cur, now());
    return count;
  });
  if (items === undefined) return false;
  const { id: notification, updater } = set;
  log.error('notification is a dead letter', { updater, ref: step.cur.ref, notification, items, reason });
  return true;
}

/** The same for whoever processes the step, and however often. */
function newSet({ summary }: PollParts, updater: string, { cur, prev }: Step): Omit<NewSet, 'created'> {
  // Release 0.2 gave other ids, to items as well: what it makes of a step is not mixed with this.
  const id = nameUuid(updater, prev?.ref ?? '', cur.ref, summary ? 'summary' : 'all', '2');
  return { id, updater, ref: cur.ref, summary };
}
