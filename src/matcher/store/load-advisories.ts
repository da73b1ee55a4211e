/** Loads advisories with everything that a report shows of them. */
import type { Session } from '../../db/database.ts';

export interface AdvisoryRow {
  readonly id: number;
  readonly feed: string;
  readonly name: string;
  readonly kind: string;
  readonly module: string;
  readonly arches: readonly string[] | null;
  readonly shown_arch: string | null;
  readonly asserts_unaffected: boolean;
  readonly fixed_in_version: string;
  readonly scope: number;
  /** JSON members of the vulnerability, from `name` to `normalized_severity`, without braces. */
  readonly wire: string;
}

/** An advisory with its text and the facts about its CVEs. */
export interface LoadedAdvisory extends AdvisoryRow {
  readonly scope_key: string;
  readonly vulnerability: string;
  readonly severity: number;
  /** Aliases of the vulnerability; null: none. */
  readonly aliases: readonly string[] | null;
  /** Digest of text and names; equal in every database. */
  readonly text: string;
  /** Vulnerable code as JSON (`parseVulnerableCode`); null: the feed names none. */
  readonly code: string | null;
  /** Facts of the enrichers about its CVEs (`factsOf`); null: none. */
  readonly facts: string | null;
}

/** Separator of facts, which JSON text cannot contain. */
const SEPARATOR = '\x1e';

/** Returns the advisories `ids` with the facts of `enrichers` (ids), in one statement. */
export async function loadAdvisories(
  db: Session,
  ids: readonly number[],
  enrichers: readonly number[],
): Promise<LoadedAdvisory[]> {
  if (ids.length === 0) return [];
  return await db.query<LoadedAdvisory>({
    name: 'load-advisories',
    text: `
      select a.id, f.name as feed, coalesce(a.shown_name, a.name) as name, a.kind, a.module, a.arches, a.shown_arch,
        a.asserts_unaffected, a.fixed_in_version, a.code, a.scope, s.key as scope_key, d.name as vulnerability, d.severity,
        nullif(d.aliases, '{}') as aliases, encode(d.hash, 'base64') as text, d.wire, known.facts
      from unnest($1::bigint[]) as wanted (id)
      cross join lateral (select * from advisory where id = wanted.id offset 0) a
      cross join lateral (select * from advisory_doc where id = a.doc offset 0) d
      cross join lateral (
        select string_agg(concat(e.feed, ' ', e.data), $3 order by cve.n) as facts
        from unnest(d.cves) with ordinality as cve (tag, n)
        cross join lateral (select * from enrichments_of(cve.tag) offset 0) e
        where e.feed = any ($2::int[])
      ) known
      join feed f on f.id = a.feed
      join scope s on s.id = a.scope`,
    values: [arrayOf(ids), arrayOf(enrichers), SEPARATOR],
  });
}

/** Returns the facts of `enrichers` (ids) about CVE ids; CVEs without facts are omitted. */
export async function loadFacts(
  db: Session,
  cves: readonly string[],
  enrichers: readonly number[],
): Promise<{ readonly cve: string; readonly facts: string }[]> {
  if (cves.length === 0 || enrichers.length === 0) return [];
  return await db.query<{ cve: string; facts: string }>({
    name: 'load-facts',
    text: `
      select cve, string_agg(concat(e.feed, ' ', e.data), $3) as facts
      from unnest($1::text[]) as wanted (cve)
      cross join lateral (select * from enrichments_of(cve) offset 0) e
      where e.feed = any ($2::int[])
      group by cve`,
    values: [cves, arrayOf(enrichers), SEPARATOR],
  });
}

const NO_FACTS: ReadonlyMap<number, string> = new Map();

/** Returns the records of each enricher, by its id, as a JSON list. */
export function factsOf(facts: string | null): ReadonlyMap<number, string> {
  if (facts === null) return NO_FACTS;
  const records = new Map<number, string>();
  for (const fact of facts.split(SEPARATOR)) {
    const end = fact.indexOf(' ');
    const enricher = Number(fact.slice(0, end));
    const known = records.get(enricher);
    const record = fact.slice(end + 1);
    records.set(enricher, known === undefined ? `[${record}]` : `${known.slice(0, -1)},${record}]`);
  }
  return records;
}

/** An enricher that was requested at least once. */
export interface EnricherRow {
  readonly id: number;
  readonly name: string;
  /** Token that changes with its records. */
  readonly state: string;
}

export async function loadEnrichers(db: Session, names: readonly string[]): Promise<EnricherRow[]> {
  if (names.length === 0) return [];
  return await db.query<EnricherRow>({
    name: 'load-enrichers',
    text: `select id, name, concat(last_success, ' ', row_count, ' ', fingerprint) as state
      from feed where kind = 'enrichment' and name = any ($1::text[])`,
    values: [names],
  });
}

/** Returns an array literal of PostgreSQL: faster than the driver's conversion of each number. */
function arrayOf(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}
