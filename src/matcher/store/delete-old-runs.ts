/** Retention: deletes, in small transactions, rows that only old runs of a feed need. */
import type { Database } from '../../db/database.ts';
import { DOC_LOCK } from './replace-advisories.ts';

/** Rows per transaction: others wait briefly. */
const BATCH = 5000;

/**
 * Keeps the newest `keep` runs of each feed and deletes older ones. Returns at once if another replica does so. Stops between two
 * batches when `signal` is aborted; the next call continues.
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

/** Returns the oldest run to keep of each feed that has older ones. */
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

/** Deletes up to `batch` rows that ended in or before the oldest kept run. Returns their number. */
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
 * Deletes texts that no row references. Imports hold the lock of texts from the first text that they add until they end. Taking it
 * exclusively for a moment proves that no row up to the newest one is uncommitted. Then unreferenced texts are searched without
 * a lock; before they are deleted, only rows that came since are searched again.
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
