/** Retention: forgets what only runs beyond the newest few of a feed could still ask for, a little at a time. */
import type { Database } from '../../db/database.ts';
import { DOC_LOCK } from './replace-advisories.ts';

/** Rows of one transaction: nobody waits for long. */
const BATCH = 5000;

/**
 * Keeps the newest `keep` runs of each feed. One replica at a time; the others leave it to that one. Stops between two
 * batches when `signal` is aborted: the next time goes on.
 */
export async function deleteOldRuns(
  db: Database,
  keep: number,
  signal: AbortSignal,
  batch = BATCH,
): Promise<void> {
  await using lock = await db.tryLock('garbage-collection');
  if (lock === undefined) return;
  const isStopped = (): boolean => signal.aborted || lock.signal.aborted;
  let deleted = 0;
  for (const oldest of await loadOldest(db, keep)) {
    for (let count = batch; count === batch && !isStopped(); deleted += count) {
      count = await deleteClosed(db, oldest, batch);
    }
    if (isStopped()) return;
    await deleteRuns(db, oldest);
  }
  if (deleted > 0) await deleteTexts(db, isStopped, batch);
}

interface OldestRun {
  readonly feed: number;
  readonly id: number;
}

/** The oldest run that is kept, of each feed that has older ones. */
async function loadOldest(db: Database, keep: number): Promise<OldestRun[]> {
  return await db.query<OldestRun>({
    name: 'load-oldest-runs',
    text: `
      select feed, id
      from (
        select feed, id, row_number() over (partition by feed order by id desc) as age,
          count(*) over (partition by feed) as runs
        from feed_run) r
      where age = $1 and runs > $1
      order by feed`,
    values: [keep],
  });
}

/** Rows that the oldest kept run closed do not count in it any more. Gives how many were deleted, at most `batch`. */
async function deleteClosed(db: Database, { feed, id }: OldestRun, batch: number): Promise<number> {
  const [row] = await db.query<{ deleted: number }>({
    name: 'delete-closed-advisories',
    text: `
      with old as (
        select id from advisory where feed = $1 and until_run <= $2 order by until_run limit $3),
      gone as (delete from advisory a using old where a.id = old.id returning 1)
      select count(*) as deleted from gone`,
    values: [feed, id, batch],
  });
  return row!.deleted;
}

async function deleteRuns(db: Database, { feed, id }: OldestRun): Promise<void> {
  await db.query({
    name: 'delete-old-runs',
    text: 'delete from feed_run where feed = $1 and id < $2',
    values: [feed, id],
  });
}

/**
 * Imports hold the lock of texts from the time when they add texts until they end. Whoever has it alone for a moment
 * knows that no row up to the newest one is on its way. Then texts that no row refers to are looked for without any lock;
 * and before they are deleted, only the rows that came since have to be looked at again.
 */
async function deleteTexts(db: Database, isStopped: () => boolean, batch: number): Promise<void> {
  const newest = await db.transaction(async (tx) => {
    const [row] = await tx.query<{ alone: boolean }>({
      text: `select pg_try_advisory_xact_lock(${DOC_LOCK}) as alone`,
    });
    // An import that is going on may refer to any text: then it is left to the next update.
    if (!row?.alone) return undefined;
    const [last] = await tx.query<{ id: number }>({
      text: 'select coalesce(max(id), 0) as id from advisory',
    });
    return last!.id;
  });
  if (newest === undefined) return;
  const orphans = await db.query<{ id: number }>({
    text: 'select id from advisory_doc d where not exists (select from advisory a where a.doc = d.id)',
  });
  for (let i = 0; i < orphans.length && !isStopped(); i += batch) {
    const ids = orphans.slice(i, i + batch).map(({ id }) => id);
    const goOn = await db.transaction(async (tx) => {
      const [row] = await tx.query<{ alone: boolean }>({
        text: `select pg_try_advisory_xact_lock(${DOC_LOCK}) as alone`,
      });
      if (!row?.alone) return false;
      await tx.query({
        name: 'delete-texts',
        text: `
          delete from advisory_doc
          where id = any ($1::bigint[]) and id not in (select doc from advisory where id > $2)`,
        values: [ids, newest],
      });
      return true;
    });
    if (!goOn) return;
  }
}
