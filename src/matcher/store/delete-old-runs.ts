/** Retention: forgets what only runs beyond the newest few of a feed could still ask for. */
import type { Database, Session } from '../../db/database.ts';
import { DOC_LOCK } from './replace-advisories.ts';

/** Keeps the newest `keep` runs of each feed. One replica at a time; the others leave it to that one. */
export async function deleteOldRuns(db: Database, keep: number): Promise<void> {
  await using lock = await db.tryLock('garbage-collection');
  if (lock === undefined) return;
  const deleted = await db.transaction(async (tx) => {
    const advisories = await deleteClosed(tx, keep);
    await deleteRuns(tx, keep);
    return advisories;
  });
  if (deleted > 0) await db.transaction(deleteTexts);
}

const OLDEST_KEPT = `
  select feed, min(id) as id
  from (select feed, id, row_number() over (partition by feed order by id desc) as age from feed_run) r
  where age <= $1
  group by feed`;

/** Rows that the oldest kept run closed do not count in it any more. */
async function deleteClosed(tx: Session, keep: number): Promise<number> {
  const [row] = await tx.query<{ deleted: number }>({
    name: 'delete-closed-advisories',
    text: `
      with oldest as (${OLDEST_KEPT}),
      gone as (
        delete from advisory a using oldest o where a.feed = o.feed and a.until_run <= o.id returning 1)
      select count(*) as deleted from gone`,
    values: [keep],
  });
  return row!.deleted;
}

async function deleteRuns(tx: Session, keep: number): Promise<void> {
  await tx.query({
    name: 'delete-old-runs',
    text: `with oldest as (${OLDEST_KEPT}) delete from feed_run r using oldest o where r.feed = o.feed and r.id < o.id`,
    values: [keep],
  });
}

async function deleteTexts(tx: Session): Promise<void> {
  // An import that is going on may refer to any text: then it is left to the next update.
  const [row] = await tx.query<{ alone: boolean }>({
    text: `select pg_try_advisory_xact_lock(${DOC_LOCK}) as alone`,
  });
  if (!row?.alone) return;
  await tx.query({
    text: 'delete from advisory_doc d where not exists (select from advisory a where a.doc = d.id)',
  });
}
