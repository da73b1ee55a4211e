/** The feeds and what is known of each: reading and writing `feed`, `feed_set` and `feed_scope`. */
import type { Session } from '../../db/database.ts';
import type { Scope } from '../../model/advisory.ts';
import type { Problem } from '../../model/package.ts';

export type FeedKind = 'vulnerability' | 'enrichment';

export interface FeedNames {
  readonly name: string;
  readonly kind: FeedKind;
  readonly set: string;
  /** What makes its rows: the version scheme, and our own revision. */
  readonly reader: string;
  readonly scopes: readonly Scope[];
}

export interface FeedRow {
  readonly id: number;
  /** Of the last success; '' if it has to be loaded anew. */
  readonly fingerprint: string;
}

/** The feed's row, made if it is new; what it will cover is noted even before it was ever loaded. */
export async function ensureFeed(db: Session, feed: FeedNames): Promise<FeedRow> {
  const [row] = await db.query<FeedRow>({
    name: 'ensure-feed',
    text: `
      insert into feed (name, kind, feed_set) values ($1, $2, $3)
      on conflict (kind, name) do update set feed_set = excluded.feed_set
      returning id, case when reader = $4 then fingerprint else '' end as fingerprint`,
    values: [feed.name, feed.kind, feed.set, feed.reader],
  });
  await addScopes(db, row!.id, feed.scopes);
  return row!;
}

/** One import of a feed at a time, until the transaction ends and whatever became of the lock around it. */
export async function lockFeed(tx: Session, feed: number): Promise<void> {
  await tx.query({ name: 'lock-feed', text: 'select id from feed where id = $1 for update', values: [feed] });
}

/** Makes the scopes known, and says that `feed` covers them. */
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

/** The scopes of a feed that was just loaded: these and no others. */
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

/** What an attempt came to. Without `error` it was a success, and `loaded` says what is new since the last one. */
export interface Attempt {
  readonly at: Date;
  readonly error?: string;
  readonly loaded?: {
    readonly fingerprint: string;
    readonly reader: string;
    readonly rows: number;
    readonly problems: readonly Problem[];
    readonly problemCount: number;
  };
}

/** Notes an attempt. A failure leaves everything of the last success as it is. */
export async function saveAttempt(db: Session, feed: number, { at, error, loaded }: Attempt): Promise<void> {
  await db.query({
    name: 'save-attempt',
    text: `
      update feed set
        last_attempt = $2,
        last_success = case when $3::text is null then $2 else last_success end,
        last_error = $3,
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
    ],
  });
}

/** Notes whether the feeds of a set could be listed. */
export async function saveSetAttempt(db: Session, set: string, at: Date, error?: string): Promise<void> {
  await db.query({
    name: 'save-set-attempt',
    text: `
      insert into feed_set (name, last_attempt, last_success, last_error)
      values ($1, $2, case when $3::text is null then $2::timestamptz end, $3)
      on conflict (name) do update set
        last_attempt = excluded.last_attempt,
        last_success = coalesce(excluded.last_success, feed_set.last_success),
        last_error = excluded.last_error`,
    values: [set, at, error?.replaceAll('\0', '\uFFFD')],
  });
}
