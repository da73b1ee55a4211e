/** What is here of a feed that a file has an operation of. */
import type { Session } from '../../db/database.ts';
import type { FeedKind } from '../store/feeds.ts';

export interface KnownFeed {
  readonly id: number;
  readonly set: string;
  readonly fingerprint: string;
  readonly lastSuccess: Date | null;
  /** Keys of what it covers. */
  readonly scopes: readonly string[];
}

export async function findKnown(db: Session, kind: FeedKind, name: string): Promise<KnownFeed | undefined> {
  const [row] = await db.query<KnownFeed>({
    name: 'find-known-feed',
    text: `
      select id, feed_set as set, fingerprint, last_success as "lastSuccess",
        array(select s.key from feed_scope fs join scope s on s.id = fs.scope where fs.feed = feed.id) as scopes
      from feed where kind = $1 and name = $2`,
    values: [kind, name],
  });
  return row;
}
