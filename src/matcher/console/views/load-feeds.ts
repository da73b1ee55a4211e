/** Feeds with the images that rely on them, and the history of one. */
import type { Session } from '../../../db/database.ts';
import type { ConsoleFeed, ConsoleFeedDetail, ConsoleFeeds } from '../../../model/api/console/types.ts';
import type { FeedStatus } from '../../store/feed-status.ts';
import { type FeedExtras, feedToWire, sortFeeds } from './feeds.ts';

/** The worst first. */
export async function loadFeeds(
  db: Session,
  status: readonly FeedStatus[],
  sets: readonly string[] | undefined,
): Promise<ConsoleFeed[]> {
  const rows = await db.query<{ name: string; images: number; ref: string | null; at: Date | null }>({
    name: 'console-load-feeds',
    text: `
      with relying as (
        select feed, count(*)::int as images from console_image i, unnest(i.feeds) as feed where i.newest group by feed
      )
      select f.name, coalesce(r.images, 0) as images, l.ref, l.date as at
      from feed f
      left join relying r on r.feed = f.name
      left join lateral (select ref, date from feed_run where feed = f.id order by id desc limit 1) l on true
      where f.kind = 'vulnerability'`,
  });
  const extras = new Map(
    rows.map(({ name, images, ref, at }): [string, FeedExtras] => [
      name,
      {
        images,
        last_change:
          ref === null || at === null ? null : { ref, at: at.toISOString(), added: null, removed: null },
      },
    ]),
  );
  return sortFeeds(
    status.map((feed) =>
      feedToWire(feed, sets, feed.kind === 'vulnerability' ? extras.get(feed.name) : undefined),
    ),
  );
}

/** How the last tries of each ended, the newest last. */
export async function withTries(db: Session, feeds: readonly ConsoleFeed[]): Promise<ConsoleFeeds['feeds']> {
  const rows = await db.query<{ name: string; kind: string; recent: boolean[] }>({
    name: 'console-recent-tries',
    text: `
      select f.name, f.kind, array(
        select last.failed from (
          select t.id, t.error is not null as failed from feed_try t where t.feed = f.id order by t.id desc limit ${TRIES}
        ) last order by last.id
      ) as recent
      from feed f where f.name = any ($1::text[])`,
    values: [feeds.map(({ name }) => name)],
  });
  const byFeed = new Map(rows.map(({ name, kind, recent }) => [`${kind} ${name}`, recent]));
  return feeds.map((feed) => ({ ...feed, recent: byFeed.get(`${feed.kind} ${feed.name}`) ?? [] }));
}

const TRIES = 20;
const RUNS = 50;
/** Of more it is not told how many there are: to count them would take long. */
const COUNTED = 100_000;
const SCOPES = 1000;

/** `name`: of a feed, or of a set that could not be listed. */
export async function loadFeed(
  db: Session,
  status: readonly FeedStatus[],
  sets: readonly string[] | undefined,
  name: string,
): Promise<ConsoleFeedDetail | undefined> {
  const feed = status.find((each) => each.name === name);
  const wire = (await loadFeeds(db, status, sets)).find((each) => each.name === name);
  if (feed === undefined || wire === undefined) return undefined;
  const tries = await db.query<{ at: Date; error: string | null; changed: boolean }>({
    name: 'console-load-tries',
    text: `
      select t.at, t.error, t.changed from feed_try t join feed f on f.id = t.feed
      where f.name = $1 and f.kind = $2 order by t.id desc limit ${TRIES}`,
    values: [name, feed.kind],
  });
  const runs = await db.query<{
    ref: string;
    at: Date;
    added: number;
    removed: number;
    previous: string | null;
  }>({
    name: 'console-load-runs',
    text: `
      select r.ref, r.date as at,
        (select count(*)::int from (
          select from advisory a where a.feed = r.feed and a.since_run = r.id limit ${COUNTED}) n) as added,
        (select count(*)::int from (
          select from advisory a where a.feed = r.feed and a.until_run = r.id limit ${COUNTED}) n) as removed,
        lead(r.ref) over (order by r.id desc) as previous
      from feed_run r join feed f on f.id = r.feed
      where f.name = $1 and f.kind = $2 order by r.id desc limit ${RUNS}`,
    values: [name, feed.kind],
  });
  const told = runs.map(({ at, added, removed, ...run }) => ({
    ...run,
    at: at.toISOString(),
    added: added === COUNTED ? null : added,
    removed: removed === COUNTED ? null : removed,
  }));
  const [last] = told;
  return {
    ...wire,
    ...(last && { last_change: { ref: last.ref, at: last.at, added: last.added, removed: last.removed } }),
    scopes: feed.scopes.slice(0, SCOPES),
    problems: [...feed.problems],
    tries: tries.map(({ at, error, changed }) => ({
      at: at.toISOString(),
      outcome: error !== null ? 'failed' : changed ? 'changed' : 'unchanged',
      error,
    })),
    runs: told,
  };
}
