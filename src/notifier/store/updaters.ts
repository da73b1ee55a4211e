/** Reads and writes the last processed run of each updater. */
import type { Database, Session } from '../../db/database.ts';
import type { Run } from '../sources.ts';

/** Returns the last processed run of every updater, by name; undefined: none yet. */
export async function loadProgress(db: Session): Promise<Map<string, Run | undefined>> {
  const rows = await db.query<ProgressRow & { name: string }>({
    name: 'load-progress',
    text: 'select name, ref, run_date from notifier_updater',
  });
  return new Map(rows.map((row) => [row.name, knownOf(row)]));
}

/** Returns the last processed run of an updater; undefined: none yet. */
export async function loadLast(db: Session, name: string): Promise<Run | undefined> {
  const [row] = await db.query<ProgressRow>({
    name: 'load-last',
    text: 'select ref, run_date from notifier_updater where name = $1',
    values: [name],
  });
  return row && knownOf(row);
}

/** Locks an updater until the transaction ends. Returns false if another replica has processed a run since `last`. */
export async function takeUpdater(tx: Session, name: string, last: Run | undefined): Promise<boolean> {
  const rows = await tx.query({
    name: 'take-updater',
    text: 'select from notifier_updater where name = $1 and ref is not distinct from $2 for update',
    values: [name, last?.ref ?? null],
  });
  return rows.length > 0;
}

/** Adds the row that `takeUpdater` locks. Idempotent. */
export async function addUpdater(db: Session, name: string): Promise<void> {
  await db.query({
    name: 'add-updater',
    text: 'insert into notifier_updater (name) values ($1) on conflict do nothing',
    values: [name],
  });
}

/** Stores that `run` and all runs before it are processed. */
export async function saveProgress(tx: Session, name: string, run: Run, now: Date): Promise<void> {
  await tx.query({
    name: 'save-progress',
    text: 'update notifier_updater set ref = $2, run_date = $3, processed = $4 where name = $1',
    values: [name, run.ref, run.date, now],
  });
}

/** Stores the existing runs as processed at the first poll (baseline). Returns false if a poll happened before. */
export async function saveFirstPoll(
  db: Pick<Database, 'transaction'>,
  known: readonly (readonly [name: string, run: Run])[],
  now: Date,
): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const first = await tx.query({
      name: 'save-first-poll',
      text: 'insert into notifier_first_poll (at) values ($1) on conflict do nothing returning at',
      values: [now],
    });
    if (first.length === 0) return false;
    await tx.query({
      name: 'save-baselines',
      text: `
        insert into notifier_updater (name, ref, run_date, processed)
        select *, $4::timestamptz from unnest($1::text[], $2::uuid[], $3::text[]) on conflict do nothing`,
      values: [
        known.map(([name]) => name),
        known.map(([, { ref }]) => ref),
        known.map(([, { date }]) => date),
        now,
      ],
    });
    return true;
  });
}

/** Returns whether any replica has polled before. */
export async function hasPolled(db: Session): Promise<boolean> {
  return (await db.query({ name: 'has-polled', text: 'select at from notifier_first_poll' })).length > 0;
}

interface ProgressRow {
  readonly ref: string | null;
  readonly run_date: string | null;
}

function knownOf({ ref, run_date: date }: ProgressRow): Run | undefined {
  return ref === null || date === null ? undefined : { ref, date };
}
