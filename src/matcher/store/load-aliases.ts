/** What the loaded advisories call the same vulnerability. */
import type { Session } from '../../db/database.ts';

/** A record's name and the aliases that it gives. */
export interface AliasRow {
  readonly name: string;
  readonly aliases: readonly string[];
}

/**
 * The records that name one of `names` as an alias, and those that go by one of `ids`, as their newest texts say.
 * Records that are named by a CVE are not among them: what they are aliases of names that CVE itself.
 */
export async function loadAliases(
  db: Session,
  names: readonly string[],
  ids: readonly string[],
): Promise<AliasRow[]> {
  if (names.length === 0) return [];
  return await db.query<AliasRow>({
    name: 'load-aliases',
    // `distinct on`: a text stays until no kept run has it, also where the feed has corrected its aliases since.
    text: `
      with said as (
        select d.name
        from unnest($1::text[]) as wanted (name)
        cross join lateral (
          select name from advisory_doc
          where aliases @> array[wanted.name] and aliases <> '{}' and name not like 'CVE-%' offset 0) d
        union
        select unnest($2::text[])
      )
      select distinct on (d.name) d.name, d.aliases
      from said
      cross join lateral (select id, name, aliases from advisory_doc where name = said.name offset 0) d
      order by d.name, d.id desc`,
    values: [names, ids],
  });
}

/** A record's own rating. */
export interface RatingRow {
  readonly name: string;
  /** 0 (Unknown) to 5 (Critical). */
  readonly severity: number;
  /** JSON members, from `name` to `normalized_severity`. */
  readonly wire: string;
}

/** How the records of `names` rate what they are about. */
export async function loadRatings(db: Session, names: readonly string[]): Promise<RatingRow[]> {
  if (names.length === 0) return [];
  return await db.query<RatingRow>({
    name: 'load-ratings',
    text: `
      select d.name, d.severity, d.wire
      from unnest($1::text[]) as wanted (name)
      cross join lateral (
        select name, severity, wire from advisory_doc where name = wanted.name order by id desc limit 32) d`,
    values: [names],
  });
}
