/** Forgets lookups that no manifest has any more. */
import type { Database, Session } from '../../db/database.ts';
import { byIndexOnly } from './by-index.ts';
import { LOOKUP_LOCK } from './save-lookups.ts';

/** Waits for those who store lookups just now, and they wait for this transaction's end. */
export async function lockLookups(tx: Session): Promise<void> {
  await tx.query({ text: `select pg_advisory_xact_lock(${LOOKUP_LOCK})` });
}

/** Deletes those of `lookups` that nobody has; within `lockLookups`. */
export async function deleteOrphans(tx: Session, lookups: readonly number[]): Promise<void> {
  if (lookups.length === 0) return;
  await byIndexOnly(tx);
  await tx.query({
    name: 'delete-orphan-findings',
    text: `
      delete from finding f
      where f.id = any ($1::int[])
        and not exists (select from manifest_finding m where m.findings @> array[f.id])`,
    values: [lookups],
  });
}

const PAGE = 2000;

/** Looks through all lookups, a page in a transaction. */
export async function deleteAllOrphans(db: Database, signal: AbortSignal): Promise<void> {
  for (let last = 0; ; ) {
    signal.throwIfAborted();
    const page = await db.query<{ id: number }>({
      name: 'page-of-findings',
      text: 'select id from finding where id > $1 order by id limit $2',
      values: [last, PAGE],
    });
    if (page.length === 0) return;
    await db.transaction(async (tx) => {
      await lockLookups(tx);
      await deleteOrphans(
        tx,
        page.map(({ id }) => id),
      );
    });
    last = page.at(-1)!.id;
  }
}
