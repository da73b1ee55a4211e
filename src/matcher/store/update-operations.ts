/** Update operations as clients see them: the noted runs of the feeds. */
import type { Database, Session } from '../../db/database.ts';
import { type FeedKind, lockFeed } from './feeds.ts';

export interface OperationRow {
  /** Number of the run: a later one is higher. */
  readonly id: number;
  readonly feed: number;
  readonly kind: FeedKind;
  readonly ref: string;
  readonly updater: string;
  readonly fingerprint: string;
  /** RFC 3339. */
  readonly date: string;
}

const COLUMNS = `
  r.id, r.feed, f.kind, r.ref, f.name as updater, r.fingerprint,
  to_char(r.date at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as date
  from feed_run r join feed f on f.id = r.feed`;

/** All of a kind, the newest first; `latest`: only the newest of each feed. */
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

/** By its ref, of whatever kind. */
export async function loadOperation(db: Session, ref: string): Promise<OperationRow | undefined> {
  const [row] = await db.query<OperationRow>({
    name: 'load-operation',
    text: `select ${COLUMNS} where r.ref = $1`,
    values: [ref],
  });
  return row;
}

/**
 * Forgets an operation: what it changed stays, and counts to the one after it. After the newest the feed is asked
 * anew, and what that one changed is noted as an operation again. Gives whether there was one.
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
