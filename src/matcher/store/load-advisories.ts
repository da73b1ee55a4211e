/** What a report shows of advisories. */
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
  readonly doc: number;
}

export interface DocRow {
  readonly id: number;
  readonly name: string;
  readonly severity: number;
  /** null: none. */
  readonly aliases: readonly string[] | null;
  /** JSON members, from `name` to `normalized_severity`. */
  readonly wire: string;
  /** What the enrichers know about its CVEs: see `factsOf`. null: nothing. */
  readonly facts: string | null;
}

export async function loadAdvisories(db: Session, ids: readonly number[]): Promise<AdvisoryRow[]> {
  if (ids.length === 0) return [];
  return await db.query<AdvisoryRow>({
    name: 'load-advisories',
    text: `
      select a.id, f.name as feed, coalesce(a.shown_name, a.name) as name, a.kind, a.module, a.arches, a.shown_arch,
        a.asserts_unaffected, a.fixed_in_version, a.scope, a.doc
      from unnest($1::bigint[]) as wanted (id)
      cross join lateral (select * from advisory where id = wanted.id offset 0) a
      join feed f on f.id = a.feed`,
    values: [arrayOf(ids)],
  });
}

/** Between facts, and nowhere in JSON text. */
const SEPARATOR = '\x1e';

/** The texts of `ids`, with what the enrichers of the ids `enrichers` know: one statement, whatever there is of each. */
export async function loadDocs(
  db: Session,
  ids: readonly number[],
  enrichers: readonly number[],
): Promise<DocRow[]> {
  if (ids.length === 0) return [];
  return await db.query<DocRow>({
    name: 'load-docs',
    text: `
      select d.id, d.name, d.severity, nullif(d.aliases, '{}') as aliases, d.wire, known.facts
      from unnest($1::bigint[]) as wanted (id)
      cross join lateral (select * from advisory_doc where id = wanted.id offset 0) d
      cross join lateral (
        select string_agg(concat(e.feed, ' ', e.data), $3 order by cve.n) as facts
        from unnest(d.cves) with ordinality as cve (tag, n)
        cross join lateral (select * from enrichment where tag = cve.tag offset 0) e
        where e.feed = any ($2::int[])
      ) known`,
    values: [arrayOf(ids), arrayOf(enrichers), SEPARATOR],
  });
}

/** The records of each enricher, by its id, as JSON text with commas between them. */
export function factsOf({ facts }: Pick<DocRow, 'facts'>): Map<number, string> {
  const records = new Map<number, string>();
  if (facts === null) return records;
  for (const fact of facts.split(SEPARATOR)) {
    const end = fact.indexOf(' ');
    const enricher = Number(fact.slice(0, end));
    const known = records.get(enricher);
    records.set(enricher, known === undefined ? fact.slice(end + 1) : `${known},${fact.slice(end + 1)}`);
  }
  return records;
}

/** An enricher that was asked at least once. */
export interface EnricherRow {
  readonly id: number;
  readonly name: string;
  /** Changes whenever what it knows does. */
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

/** An array of numbers as PostgreSQL writes it: the driver would look at each. */
function arrayOf(numbers: readonly number[]): string {
  return `{${numbers.join(',')}}`;
}
