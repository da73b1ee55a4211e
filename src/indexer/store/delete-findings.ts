/** Forgets findings that no manifest has any more. */
import type { Database, Session } from '../../db/database.ts';
import { byIndexOnly } from './by-index.ts';
import { FINDING_LOCK } from './save-findings.ts';

/** Waits for those who store findings just now, and they wait for this transaction's end. */
export async function lockFindings(tx: Session): Promise<void> {
  await tx.query({ text: `select pg_advisory_xact_lock(${FINDING_LOCK})` });
}

/** Deletes those of `findings` that nobody has; within `lockFindings`. */
export async function deleteOrphans(tx: Session, findings: readonly number[]): Promise<void> {
  if (findings.length === 0) return;
  await byIndexOnly(tx);
  await tx.query({
    name: 'delete-orphan-findings',
    text: `
      delete from finding f
      where f.id = any ($1::int[])
        and not exists (select from manifest_finding m where m.findings @> array[f.id])`,
    values: [findings],
  });
}

const PAGE = 2000;

/** Looks through all findings, a page in a transaction. */
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
      await lockFindings(tx);
      await deleteOrphans(
        tx,
        page.map(({ id }) => id),
      );
    });
    last = page.at(-1)!.id;
  }
}
