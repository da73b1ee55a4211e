/** Looks for runs that nobody was told of, and makes the notifications of each. */
import type { Database } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { collect } from './collect.ts';
import { nameUuid } from './names.ts';
import { type Baseline, planRuns, type Step } from './plan-runs.ts';
import type { ManifestSource, Run, RunSource, Runs } from './sources.ts';
import { SpooledSet } from './spooled-set.ts';
import { saveSet } from './store/save-set.ts';
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

/** One replica at a time, and one transaction for each step: whenever it ends early, the step has not happened. */
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
  // The other services may be slow: what they say is on disk before a transaction begins.
  using set = new SpooledSet();
  const problems = await gather(parts, name, step, set, AbortSignal.any([signal, lock.signal]));
  const id = idOf(parts, name, step);
  const items = await db.transaction(async (tx) => {
    if (!(await takeUpdater(tx, name, last))) return undefined;
    const created = now();
    const count = await saveSet(
      tx,
      { id, updater: name, ref: step.cur.ref, created },
      set.parts(),
      parts.targets,
    );
    await saveProgress(tx, name, step.cur, now());
    return count;
  });
  if (items === undefined) return 'busy';
  log.info('run processed', {
    updater: name,
    ref: step.cur.ref,
    prev: step.prev?.ref ?? '',
    notification: items === 0 ? '' : id,
    items,
    ...(problems > 0 && { problems }),
  });
  return items === 0 ? 'quiet' : 'stored';
}

/** Asks what a step changed and whom that affects; gives how many vulnerabilities could not be looked up. */
async function gather(
  { runs, manifests, summary, log }: PollParts,
  name: string,
  { cur, prev }: Step,
  set: SpooledSet,
  signal: AbortSignal,
): Promise<number> {
  let problems = 0;
  await collect(runs.changes(cur.ref, prev?.ref, signal), {
    ...{ manifests, summary, signal },
    write: async (items) => set.add(items),
    problem: (reason) => {
      if (++problems <= MAX_PROBLEMS) {
        log.warn('a vulnerability could not be looked up', { updater: name, ref: cur.ref, reason });
      }
    },
  });
  signal.throwIfAborted();
  return problems;
}

/** The same for whoever processes the step, and however often. */
function idOf({ summary }: PollParts, updater: string, { cur, prev }: Step): string {
  return nameUuid(updater, prev?.ref ?? '', cur.ref, summary ? 'summary' : 'all');
}
