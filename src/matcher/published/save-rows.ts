/** Writes what a published database says of its feeds and sets: the same columns, as they were there. */
import type { Session } from '../../db/database.ts';
import type { PublishedFeed, PublishedSet } from './format.ts';
import { IN_ORDER } from './read-rows.ts';

/** What is known of a feed here. */
export interface FeedBefore {
  readonly id: number;
  readonly last_success: Date | null;
  readonly last_attempt: Date | null;
  readonly row_count: number;
}

export async function findFeed(
  db: Session,
  { kind, name }: Pick<PublishedFeed, 'kind' | 'name'>,
): Promise<FeedBefore | undefined> {
  const [row] = await db.query<FeedBefore>({
    name: 'find-feed',
    text: 'select id, last_success, last_attempt, row_count from feed where kind = $1 and name = $2',
    values: [kind, name],
  });
  return row;
}

/** Replaces all that is said of the feed, but its rows. */
export async function saveFeed(tx: Session, id: number, feed: PublishedFeed): Promise<void> {
  const columns = Object.keys(feed).filter((key) => COLUMNS.includes(key));
  await tx.query({
    text: `
      update feed set (${columns.join(', ')}) =
        (select ${columns.join(', ')} from jsonb_populate_record(null::feed, $2::jsonb))
      where id = $1`,
    values: [id, JSON.stringify(feed)],
  });
}

/** Of `feed`; a newer release may say more. */
const COLUMNS: readonly string[] = [
  'feed_set',
  'last_attempt',
  'last_success',
  'last_error',
  'fingerprint',
  'reader',
  'row_count',
  'problem_count',
  'problems',
  'next_try',
  'asked_with',
  'failures',
  'fingerprint_at',
  'vanished_at',
  'pieces_by',
];

/** Notes how the list of a set was, unless it was listed here later. */
export async function saveSet(db: Session, set: PublishedSet): Promise<void> {
  await db.query({
    text: `
      insert into feed_set (name, last_attempt, last_success, last_error, next_try, asked_with, failures)
      select name, last_attempt, last_success, last_error, next_try, asked_with, failures
      from jsonb_populate_record(null::feed_set, $1::jsonb)
      on conflict (name) do update set
        (last_attempt, last_success, last_error, next_try, asked_with, failures) =
        (excluded.last_attempt, excluded.last_success, excluded.last_error, excluded.next_try, excluded.asked_with,
          excluded.failures)
      where feed_set.last_attempt <= excluded.last_attempt`,
    values: [JSON.stringify(set)],
  });
}

/** Replaces the pieces of a feed; `lines` are those of `pieceGroups`. */
export async function savePieces(tx: Session, feed: number, lines: AsyncIterable<string>): Promise<void> {
  await tx.query({ text: 'create temp table read_places (digest bytea, places int[]) on commit drop' });
  await tx.copyIn('copy read_places from stdin', lines);
  await tx.query({ name: 'forget-pieces', text: 'delete from feed_piece where feed = $1', values: [feed] });
  await tx.query({
    text: `
      with placed as materialized (
        select a.id, row_number() over (order by ${IN_ORDER}) as place
        from advisory a join advisory_doc d on d.id = a.doc
        where a.feed = $1 and a.until_run is null)
      insert into feed_piece (feed, digest, advisories)
      select $1, r.digest, coalesce(array_agg(placed.id order by placed.id) filter (where placed.id is not null), '{}')
      from (select row_number() over () as number, digest, places from read_places) r
      left join lateral unnest(r.places) as said (place) on true
      left join placed on placed.place = said.place
      group by r.number, r.digest`,
    values: [feed],
  });
}
