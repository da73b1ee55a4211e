/** Reads and deletes update operations: the stored runs of the feeds, as clients see them. */
import type { Database, Session } from '../../db/database.ts';
import { type FeedKind, lockFeed } from './feeds.ts';

export interface OperationRow {
  /** Number of the run; later runs have higher numbers. */
  readonly id: number;
  readonly feed: number;
  readonly kind: FeedKind;
  readonly ref: string;
  readonly updater: string;
  readonly fingerprint: string;
  /** Time of the run (RFC 3339). */
  readonly date: string;
}

const COLUMNS = `
  r.id, r.feed, f.kind, r.ref, f.name as updater, r.fingerprint,
  to_char(r.date at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as date
  from feed_run r join feed f on f.id = r.feed`;

/** Returns the operations of a kind, newest first; with `latest`, only the newest of each feed. */
export async function loadOperations(db: Session, kind: FeedKind, latest: boolean): Promise<OperationRow[]> {
  return await db.query<OperationRow>({
    name: 'load-operations',
    text: `
      select ${COLUMNS}
      where f.kind = $1 and (not $2 or r.id = (select max(id) from feed_run where feed = f.id))
      order by r.id desc`,
    values: [kind, latest],
  });
}

/** Returns an operation of any kind by its ref; undefined if unknown. */
export async function loadOperation(db: Session, ref: string): Promise<OperationRow | undefined> {
  const [row] = await db.query<OperationRow>({
    name: 'load-operation',
    text: `select ${COLUMNS} where r.ref = $1`,
    values: [ref],
  });
  return row;
}

/**
 * Deletes an operation, not its advisories: its changes become part of the next operation. After the newest one was deleted, the
 * feed is requested again, and its changes are stored as an operation again. Returns false if the ref is unknown.
 * differs: what the newest brought stays in reports, where Clair falls back to the one before it (clair-matching.md#deleted-update-operations)
 */
export async function deleteOperation(db: Database, ref: string): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const operation = await loadOperation(tx, ref);
    if (operation === undefined) return false;
    const { id, feed } = operation;
    await lockFeed(tx, feed); // an import that goes on writes the fingerprint, too
    await tx.query({
      name: 'ask-feed-anew',
      text: `
        update feed set fingerprint = ''
        where id = $1 and not exists (select from feed_run where feed = $1 and id > $2)`,
      values: [feed, id],
    });
    const deleted = await tx.query({
      name: 'delete-operation',
      text: 'delete from feed_run where id = $1 returning id',
      values: [id],
    });
    return deleted.length > 0;
  });
}
