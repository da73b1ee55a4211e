/** Reads and writes `feed`, `feed_set` and `feed_scope`: feeds, their state and the scopes that they cover. */
import type { Session } from '../../db/database.ts';
import type { Scope } from '../../model/advisory.ts';
import type { Problem } from '../../model/package.ts';
import type { Schedule } from './feed-schedule.ts';

export type FeedKind = 'vulnerability' | 'enrichment';

export interface FeedNames {
  readonly name: string;
  readonly kind: FeedKind;
  readonly set: string;
  /** What determines its rows: version scheme and program revision. */
  readonly reader: string;
  readonly scopes: readonly Scope[];
}

export interface FeedRow extends Schedule {
  readonly id: number;
  /** Fingerprint of the last success; '' if everything must be loaded again. */
  readonly fingerprint: string;
  /** Number of records at the last success. */
  readonly row_count: number;
}

/** Returns the row of a feed, which is added if it is new. Its scopes are stored before it is loaded. Writes only changes. */
export async function ensureFeed(db: Session, feed: FeedNames): Promise<FeedRow> {
  const [row] = await db.query<FeedRow & { covers: boolean }>({
    name: 'ensure-feed',
    text: `
      with made as (
        insert into feed (name, kind, feed_set)
        select $1, $2, $3
        where not exists (select from feed where name = $1 and kind = $2 and feed_set = $3)
        on conflict (kind, name) do update set feed_set = excluded.feed_set
        returning *),
      found as (select * from made union all select * from feed where name = $1 and kind = $2 limit 1)
      select id, case when reader = $4 then fingerprint else '' end as fingerprint, row_count, last_attempt,
        case when asked_with = $4 then next_try end as next_try, failures,
        not exists (
          select key from unnest($5::text[]) as wanted (key)
          except select s.key from feed_scope fs join scope s on s.id = fs.scope where fs.feed = found.id) as covers
      from found`,
    values: [feed.name, feed.kind, feed.set, feed.reader, feed.scopes.map(({ key }) => key)],
  });
  if (!row!.covers) await addScopes(db, row!.id, feed.scopes);
  return row!;
}

/** Locks the row of a feed until the transaction ends: one import at a time, even if the advisory lock around it was lost. */
export async function lockFeed(tx: Session, feed: number): Promise<void> {
  await tx.query({ name: 'lock-feed', text: 'select id from feed where id = $1 for update', values: [feed] });
}

/** Adds `scopes`, and stores that `feed` covers them. */
export async function addScopes(db: Session, feed: number, scopes: readonly Scope[]): Promise<void> {
  const distinct = [...new Map(scopes.map((scope) => [scope.key, scope])).values()];
  await db.query({
    name: 'add-scopes',
    // In one order: two imports that share scopes must not wait for each other.
    text: `
      insert into scope (key, distribution, repository)
      select key, distribution::jsonb, repository::jsonb
      from unnest($1::text[], $2::text[], $3::text[]) as s (key, distribution, repository)
      order by key
      on conflict (key) do update set
        distribution = coalesce(excluded.distribution, scope.distribution),
        repository = coalesce(excluded.repository, scope.repository)
      where (scope.distribution, scope.repository) is distinct from
        (coalesce(excluded.distribution, scope.distribution), coalesce(excluded.repository, scope.repository))`,
    values: [
      distinct.map(({ key }) => key),
      distinct.map(({ distribution }) => distribution && JSON.stringify(distribution)),
      distinct.map(({ repository }) => repository && JSON.stringify(repository)),
    ],
  });
  await db.query({
    name: 'add-feed-scopes',
    text: `
      insert into feed_scope (feed, scope) select $1, id from scope where key = any($2::text[])
      on conflict do nothing`,
    values: [feed, distinct.map(({ key }) => key)],
  });
}

/** Replaces the scopes of a feed that was loaded. */
export async function replaceScopes(tx: Session, feed: number, scopes: readonly Scope[]): Promise<void> {
  await addScopes(tx, feed, scopes);
  await tx.query({
    name: 'drop-feed-scopes',
    text: `
      delete from feed_scope
      where feed = $1 and scope not in (select id from scope where key = any($2::text[]))`,
    values: [feed, scopes.map(({ key }) => key)],
  });
}

/** The result of an attempt. Without `error` it succeeded, and `loaded` has what changed since the last success. */
export interface Attempt {
  readonly at: Date;
  readonly error?: string;
  /** Time of the next attempt; undefined: immediately. */
  readonly nextTry?: Date;
  /** The reader, or the configuration of a set: with another one, the next attempt does not wait for `nextTry`. */
  readonly askedWith?: string;
  readonly loaded?: {
    readonly fingerprint: string;
    readonly reader: string;
    readonly rows: number;
    readonly problems: readonly Problem[];
    readonly problemCount: number;
  };
}

/** Stores an attempt. A failure changes nothing of the last success. */
export async function saveAttempt(
  db: Session,
  feed: number,
  { at, error, nextTry, askedWith, loaded }: Attempt,
): Promise<void> {
  await db.query({
    name: 'save-attempt',
    text: `
      update feed set
        last_attempt = $2,
        last_success = case when $3::text is null then $2 else last_success end,
        last_error = $3,
        failures = case when $3::text is null then 0 else failures + 1 end,
        next_try = $9,
        asked_with = coalesce($10, asked_with),
        vanished_at = null,
        fingerprint_at = case when $4 is distinct from fingerprint and $4 is not null then $2 else fingerprint_at end,
        fingerprint = coalesce($4, fingerprint),
        reader = coalesce($5, reader),
        row_count = coalesce($6, row_count),
        problems = coalesce($7::jsonb, problems),
        problem_count = coalesce($8, problem_count)
      where id = $1`,
    values: [
      feed,
      at,
      error?.replaceAll('\0', '\uFFFD'),
      loaded?.fingerprint,
      loaded?.reader,
      loaded?.rows,
      loaded && JSON.stringify(loaded.problems),
      loaded?.problemCount,
      nextTry,
      askedWith,
    ],
  });
}

/** Stores whether the feeds of a set could be listed. */
export async function saveSetAttempt(
  db: Session,
  set: string,
  { at, error, nextTry, askedWith = '' }: Omit<Attempt, 'loaded'>,
): Promise<void> {
  await db.query({
    name: 'save-set-attempt',
    text: `
      insert into feed_set (name, last_attempt, last_success, last_error, failures, next_try, asked_with)
      values ($1, $2, case when $3::text is null then $2::timestamptz end, $3, ($3::text is not null)::int, $4, $5)
      on conflict (name) do update set
        last_attempt = excluded.last_attempt,
        last_success = coalesce(excluded.last_success, feed_set.last_success),
        last_error = excluded.last_error,
        failures = case when $3::text is null then 0 else feed_set.failures + 1 end,
        next_try = excluded.next_try,
        asked_with = excluded.asked_with`,
    values: [set, at, error?.replaceAll('\0', '\uFFFD'), nextTry, askedWith],
  });
}

/** Stores which feeds of a set upstream no longer lists. Returns the newly missing ones. Their data are kept. */
export async function noteVanished(
  db: Session,
  set: string,
  listed: readonly string[],
  at: Date,
): Promise<string[]> {
  const rows = await db.query<{ name: string; vanished: boolean }>({
    name: 'note-vanished',
    text: `
      update feed set vanished_at = case when name = any ($2::text[]) then null else $3::timestamptz end
      where feed_set = $1 and kind = 'vulnerability' and (vanished_at is null) <> (name = any ($2::text[]))
      returning name, vanished_at is not null as vanished`,
    values: [set, listed, at],
  });
  return rows.flatMap(({ name, vanished }) => (vanished ? [name] : []));
}
