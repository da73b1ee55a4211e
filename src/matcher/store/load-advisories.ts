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
  readonly cves: readonly string[];
  readonly aliases: readonly string[];
  /** JSON members, from `name` to `normalized_severity`. */
  readonly wire: string;
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
    values: [ids],
  });
}

export async function loadDocs(db: Session, ids: readonly number[]): Promise<DocRow[]> {
  if (ids.length === 0) return [];
  return await db.query<DocRow>({
    name: 'load-docs',
    text: `
      select d.id, d.name, d.severity, d.cves, d.aliases, d.wire
      from unnest($1::bigint[]) as wanted (id)
      cross join lateral (select * from advisory_doc where id = wanted.id offset 0) d`,
    values: [ids],
  });
}

export interface EnrichmentRow {
  readonly enricher: string;
  readonly tag: string;
  readonly data: string;
}

/** What the named enrichers know about the CVEs. */
export async function loadEnrichments(
  db: Session,
  enrichers: readonly string[],
  tags: readonly string[],
): Promise<EnrichmentRow[]> {
  if (tags.length === 0 || enrichers.length === 0) return [];
  return await db.query<EnrichmentRow>({
    name: 'load-enrichments',
    text: `
      select f.name as enricher, e.tag, e.data::text as data
      from unnest($1::text[]) as wanted (tag)
      cross join lateral (select * from enrichment where tag = wanted.tag offset 0) e
      join feed f on f.id = e.feed
      where f.kind = 'enrichment' and f.name = any ($2::text[])`,
    values: [tags, enrichers],
  });
}
