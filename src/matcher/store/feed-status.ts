/** Loads the state of feeds: by scope for reports, and of all feeds for operators. */
import type { Session } from '../../db/database.ts';
import type { Distribution, Problem, Repository } from '../../model/package.ts';
import type { FeedKind } from './feeds.ts';

/** Columns of `feed` that determine its state. */
export interface FeedTimes {
  readonly last_success: Date | null;
  readonly last_error: string | null;
  readonly next_try: Date | null;
  /** Time since which its set no longer lists it; null: it is listed. */
  readonly vanished_at: Date | null;
}

/** State of a feed. `stale`: not requested for `STALE_AFTER`, or no longer published by upstream. */
export type FeedState = 'never' | 'ok' | 'stale' | 'failed';

/** Age in ms from which data are `stale`. */
export const STALE_AFTER = 48 * 3600 * 1000;

export function feedState(
  { last_success, last_error, next_try, vanished_at }: FeedTimes,
  now: Date,
): FeedState {
  if (last_error !== null && vanished_at === null) return 'failed';
  if (last_success === null) return last_error === null ? 'never' : 'failed';
  if (vanished_at !== null) return 'stale';
  // A period may be longer: then it is old only when it is overdue.
  const isOverdue = next_try === null || next_try < now;
  return isOverdue && now.getTime() - last_success.getTime() > STALE_AFTER ? 'stale' : 'ok';
}

/** A scope and one feed that covers it; `feed` is null if none does. */
export interface ScopeRow extends FeedTimes {
  readonly id: number;
  readonly key: string;
  readonly distribution: Distribution | null;
  readonly repository: Repository | null;
  readonly feed: string | null;
  readonly row_count: number;
  readonly problem_count: number;
}

/** Returns the known scopes of `keys` with every feed that covers them, ordered by key and feed name. */
export async function loadScopes(db: Session, keys: readonly string[]): Promise<ScopeRow[]> {
  if (keys.length === 0) return [];
  return await db.query<ScopeRow>({
    name: 'load-scopes',
    text: `
      select s.id, s.key, s.distribution, s.repository, f.name as feed, f.last_success, f.last_error, f.next_try,
        f.vanished_at, coalesce(f.row_count, 0) as row_count, coalesce(f.problem_count, 0) as problem_count
      from scope s
      left join feed_scope fs on fs.scope = s.id
      left join feed f on f.id = fs.feed
      where s.key = any ($1::text[])
      order by s.key, f.name`,
    values: [keys],
  });
}

/** Returns scopes by id, as reports show them. */
export async function loadScopesById(
  db: Session,
  ids: readonly number[],
): Promise<Pick<ScopeRow, 'id' | 'key' | 'distribution' | 'repository'>[]> {
  if (ids.length === 0) return [];
  return await db.query({
    name: 'load-scopes-by-id',
    text: 'select id, key, distribution, repository from scope where id = any ($1::int[])',
    values: [ids],
  });
}

/** Returns the feeds that cover any of `scopes`, ordered by name, as rows of one scope with the key `key`. */
export async function loadCoveringFeeds(
  db: Session,
  key: string,
  scopes: readonly number[],
): Promise<ScopeRow[]> {
  if (scopes.length === 0) return [];
  return await db.query<ScopeRow>({
    name: 'load-covering-feeds',
    text: `
      select 0 as id, $1::text as key, null as distribution, null as repository, f.name as feed, f.last_success,
        f.last_error, f.next_try, f.vanished_at, f.row_count, f.problem_count
      from feed f
      where exists (select from feed_scope fs where fs.feed = f.id and fs.scope = any ($2::int[]))
      order by f.name`,
    values: [key, scopes],
  });
}

/** Returns the scopes whose keys start with `prefix`. */
export async function loadScopeKeys(db: Session, prefix: string): Promise<{ id: number; key: string }[]> {
  return await db.query({
    name: 'load-scope-keys',
    text: 'select id, key from scope where key >= $1 and key < $2 order by key',
    values: [prefix, `${prefix}\u{10ffff}`],
  });
}

/** Returns a token that changes with every new scope. Scopes are never changed or deleted. */
export async function scopesToken(db: Session): Promise<string> {
  const [row] = await db.query<{ token: string }>({
    name: 'scopes-token',
    text: `select concat_ws(' ', count(*), max(id)) as token from scope`,
  });
  return row!.token;
}

/** State of a feed, of an enricher, or of a set whose feeds could not be listed. */
export interface FeedStatus {
  readonly name: string;
  readonly kind: FeedKind | 'set';
  readonly set: string;
  readonly state: FeedState;
  readonly lastAttempt?: Date;
  readonly lastSuccess?: Date;
  readonly lastError?: string;
  /** Time of the next attempt; undefined: immediately, or never if upstream no longer lists the feed. */
  readonly nextTry?: Date;
  /** Consecutive failures. */
  readonly failures: number;
  /** Time since which its set no longer lists it. */
  readonly vanishedAt?: Date;
  readonly fingerprint: string;
  /** Time since which `fingerprint` is unchanged. */
  readonly fingerprintAt?: Date;
  readonly rows: number;
  readonly scopes: readonly string[];
  readonly problemCount: number;
  /** The first problems; there can be more. */
  readonly problems: readonly Problem[];
}

interface StatusRow extends FeedTimes {
  readonly name: string;
  readonly kind: FeedKind | 'set';
  readonly feed_set: string;
  readonly last_attempt: Date | null;
  readonly failures: number;
  readonly fingerprint: string;
  readonly fingerprint_at: Date | null;
  readonly row_count: number;
  readonly scopes: readonly string[];
  readonly problem_count: number;
  readonly problems: readonly Problem[];
}

/** Returns the state of every feed and enricher that was ever listed, and of sets that failed at the last attempt. */
export async function loadFeedStatus(db: Session, now: Date): Promise<FeedStatus[]> {
  const rows = await db.query<StatusRow>({
    name: 'load-feed-status',
    text: `
      select f.name, f.kind, f.feed_set, f.last_attempt, f.last_success, f.last_error, f.next_try, f.failures,
        f.vanished_at, f.fingerprint, f.fingerprint_at, f.row_count, f.problem_count, f.problems,
        array(select s.key from feed_scope fs join scope s on s.id = fs.scope where fs.feed = f.id order by s.key) as scopes
      from feed f
      union all
      select name, 'set', name, last_attempt, last_success, last_error, next_try, failures, null, '', null, 0, 0, '[]', '{}'
      from feed_set where last_error is not null
      order by 2, 1`,
  });
  return rows.map((row) => ({
    name: row.name,
    kind: row.kind,
    set: row.feed_set,
    state: feedState(row, now),
    ...(row.last_attempt && { lastAttempt: row.last_attempt }),
    ...(row.last_success && { lastSuccess: row.last_success }),
    ...(row.last_error !== null && { lastError: row.last_error }),
    ...(row.next_try && row.vanished_at === null && { nextTry: row.next_try }),
    failures: row.failures,
    ...(row.vanished_at && { vanishedAt: row.vanished_at }),
    fingerprint: row.fingerprint,
    ...(row.fingerprint_at && { fingerprintAt: row.fingerprint_at }),
    rows: row.row_count,
    scopes: row.scopes,
    problemCount: row.problem_count,
    problems: row.problems,
  }));
}

/** Returns whether any feed was ever loaded. */
export async function anyFeedLoaded(db: Session): Promise<boolean> {
  const [row] = await db.query<{ loaded: boolean }>({
    name: 'any-feed-loaded',
    text: `select exists (select from feed where kind = 'vulnerability' and last_success is not null) as loaded`,
  });
  return row!.loaded;
}

/** Returns a token that changes whenever a feed's data or state in reports changes. */
export async function feedsToken(db: Session): Promise<string> {
  const [row] = await db.query<{ token: string | null }>({
    name: 'feeds-token',
    text: `
      select md5(string_agg(concat_ws(' ', id, last_success, last_error, vanished_at, row_count, problem_count), ',' order by id)) as token
      from feed`,
  });
  return row?.token ?? '';
}
