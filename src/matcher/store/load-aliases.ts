/** Loads aliases and ratings of vulnerabilities from the current advisories. */
import type { Session } from '../../db/database.ts';

/** The name of a record and its aliases. */
export interface AliasRow {
  readonly name: string;
  readonly aliases: readonly string[];
}

/**
 * Returns the records that have one of `names` as an alias, and those with one of the names `ids`, by their newest texts.
 * Records whose name is a CVE are omitted: their aliases name that CVE themselves.
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

/** The rating of a record. */
export interface RatingRow {
  readonly name: string;
  /** 0 (Unknown) to 5 (Critical). */
  readonly severity: number;
  /** JSON members of the vulnerability, from `name` to `normalized_severity`, without braces. */
  readonly wire: string;
}

/** Returns the ratings of the records with the names `names`. */
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
