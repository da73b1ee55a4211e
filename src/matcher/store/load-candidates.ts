/** Loads every advisory about one vulnerability that names a package of an image, regardless of versions. */
import type { Session, Statement } from '../../db/database.ts';

export interface CandidateRow {
  /** Position of the lookup in the input. */
  readonly lookup: number;
  readonly advisory: number;
  readonly feed: string;
  readonly scope: string;
  readonly name: string;
  readonly kind: string;
  readonly module: string;
  readonly arches: readonly string[] | null;
  readonly asserts_unaffected: boolean;
  readonly from_version: string | null;
  readonly below: string | null;
  readonly up_to: string | null;
  readonly fixed_in_version: string;
  /** Name of the vulnerability in the feed. */
  readonly id: string;
  readonly aliases: readonly string[];
  /** Time of the run that added it; null if that run is no longer stored. */
  readonly since: Date | null;
  readonly run: string | null;
}

export interface CandidateKey {
  /** Ids of the scopes of the lookup. */
  readonly scopes: readonly number[];
  readonly name: string;
  readonly kind: string;
}

export async function loadCandidates(
  db: Session,
  lookups: readonly CandidateKey[],
  names: readonly string[],
): Promise<CandidateRow[]> {
  if (lookups.length === 0) return [];
  return await db.query<CandidateRow>(candidatesStatement(lookups, names));
}

export function candidatesStatement(lookups: readonly CandidateKey[], names: readonly string[]): Statement {
  return {
    name: 'load-candidates',
    text: `
      select f.ordinal::int - 1 as lookup, a.id as advisory, feed.name as feed, scope.key as scope, a.name, a.kind,
        a.module, a.arches, a.asserts_unaffected, a.from_version, a.below, a.up_to, a.fixed_in_version, d.name as id,
        d.aliases, r.date as since, r.ref::text as run
      from unnest($1::text[], $2::text[], $3::text[]) with ordinality as f (scopes, name, kind, ordinal)
      cross join lateral (
        select * from advisory
        where scope = any (f.scopes::int[]) and name = f.name and kind = f.kind and until_run is null
        offset 0) a
      cross join lateral (select name, aliases, cves from advisory_doc where id = a.doc offset 0) d
      join feed on feed.id = a.feed
      join scope on scope.id = a.scope
      left join feed_run r on r.id = a.since_run
      where exists (
        select from unnest(d.cves || d.aliases || d.name) as names (each) where upper(each) = any ($4::text[]))
      order by f.ordinal, a.id`,
    values: [
      lookups.map(({ scopes }) => `{${scopes.join(',')}}`),
      lookups.map(({ name }) => name),
      lookups.map(({ kind }) => kind),
      names.map((name) => name.toUpperCase()),
    ],
  };
}

/** Returns whether any feed has a vulnerability with one of `names`. */
export async function isKnown(db: Session, names: readonly string[]): Promise<boolean> {
  const [row] = await db.query<{ known: boolean }>({
    name: 'is-known-vulnerability',
    text: 'select exists (select from advisory_doc where name = any ($1::text[])) as known',
    values: [names.flatMap((name) => [name, name.toUpperCase()])],
  });
  return row!.known;
}
