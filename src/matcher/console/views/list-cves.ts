/** The list of vulnerabilities over all images. */
import type { Session } from '../../../db/database.ts';
import type { ConsoleCve, Total } from '../../../model/api/console/types.ts';
import { shownRisk } from '../../../model/risk.ts';
import { rankOf, SEVERITIES, type Severity } from '../../../model/severity.ts';
import { COUNT_LIMIT, type Cursor, pageOf, pageSql, type Sorting, totalOf } from '../paging.ts';
import { ACT_NOW } from '../store/recount.ts';
import { queryOf } from '../terms.ts';
import { cvssOf, whyOf } from './finding-wire.ts';
import type { CountedLabel } from './labels.ts';

export interface ListedCve {
  readonly id: number;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly severity: number;
  readonly cvss: number | null;
  readonly cvss_vector: string | null;
  readonly cvss_source: string | null;
  readonly epss: number | null;
  readonly exploited: boolean;
  readonly images: number;
  readonly findings: number;
  readonly fixable: number;
  readonly risk: number;
  readonly first_seen: Date;
  readonly packages: readonly string[];
  readonly fixed_in: string | null;
}

/** Where counts of vulnerabilities come from: of all images or of those with a label, and of the newest or of all manifests. */
export interface CveSource {
  /** With the vulnerabilities as `c`. */
  readonly from: string;
  /** A count: `images`, `findings`, `fixable`, `risk`. */
  readonly of: (name: 'images' | 'findings' | 'fixable' | 'risk') => string;
  /** `console_unit`, or what it is of the label. */
  readonly units: string;
}

export function cveSource(all: boolean, label: Pick<CountedLabel, 'id'> | undefined): CveSource {
  const suffix = all ? '_all' : '';
  if (label === undefined)
    return { from: 'console_cve c', of: (name) => `c.${name}${suffix}`, units: 'console_unit' };
  return {
    from: `(select * from console_label_cve where label = ${label.id}) k join console_cve c on c.id = k.cve`,
    of: (name) => (name === 'risk' ? `(c.likelihood * k.weight${suffix})` : `k.${name}${suffix}`),
    units: `(select * from console_label_unit where label = ${label.id})`,
  };
}

/** Columns of a `ListedCve`. */
export function cveColumns({ of, units }: CveSource): string {
  const named = (['images', 'findings', 'fixable', 'risk'] as const).map((name) => `${of(name)} as ${name}`);
  return `
    c.id, c.name, c.aliases, c.title, c.severity, c.cvss::float8 as cvss, c.cvss_vector, c.cvss_source,
    c.epss::float8 as epss, c.exploited, ${named.join(', ')}, c.first_seen,
    array(
      select p.name from (
        select u.package, u.weight from ${units} u where u.cve = c.id order by u.weight desc limit 5
      ) top join console_package p on p.id = top.package order by top.weight desc
    ) as packages,
    (select f.fixes[cardinality(f.fixes)] from console_finding f
      where f.cve = c.id and f.fixes <> '{}' order by f.id desc limit 1) as fixed_in`;
}

export function cveToWire(row: ListedCve): ConsoleCve {
  const severity = SEVERITIES[row.severity] ?? 'Unknown';
  return {
    id: row.name,
    aliases: [...row.aliases],
    title: row.title,
    severity,
    cvss: cvssOf(row),
    epss: row.epss === null ? null : { score: row.epss, percentile: null },
    exploited: row.exploited,
    why: whyOf({ ...row, severity, fixable: row.fixable > 0 }),
    images: row.images,
    findings: row.findings,
    fixable: row.fixable,
    fixed_in: row.fixed_in,
    // One name may be that of packages of two types.
    packages: [...new Set(row.packages)],
    risk: shownRisk(row.risk),
    first_seen: row.first_seen.toISOString(),
  };
}

export interface CveFilter {
  readonly q?: string | undefined;
  readonly severity?: readonly Severity[] | undefined;
  readonly exploited?: boolean | undefined;
  readonly act_now?: boolean | undefined;
  readonly epss?: number | undefined;
  readonly fix?: 'yes' | 'no' | undefined;
  readonly since?: Date | undefined;
}

export function cveSorting({ of }: CveSource): Readonly<Record<string, Omit<Sorting, 'descending'>>> {
  return {
    risk: { key: of('risk'), type: 'float8' },
    severity: { key: 'c.severity::float8', type: 'float8' },
    epss: { key: 'coalesce(c.epss, -1)::float8', type: 'float8' },
    images: { key: `${of('images')}::float8`, type: 'float8' },
    id: { key: 'c.name', type: 'text' },
    first_seen: { key: 'c.first_seen', type: 'timestamptz' },
  };
}

export async function listCves(
  db: Session,
  source: CveSource,
  filter: CveFilter,
  sorting: Sorting,
  { limit, after }: { readonly limit: number; readonly after: Cursor | undefined },
): Promise<{ total: Total; cves: readonly ListedCve[]; next: string | null }> {
  const { from, of } = source;
  const filters = `
    ${of('images')} > 0
    and ($1::text is null or c.words @@ $1::tsquery)
    and ($2::int[] is null or c.severity = any ($2))
    and (not $3::boolean or c.exploited)
    and ($4::real is null or c.epss >= $4)
    and ($5::boolean is null or (${of('fixable')} > 0) = $5)
    and ($6::timestamptz is null or c.first_seen >= $6)
    and (not $7::boolean or ${ACT_NOW})`;
  const values = [
    (filter.q && queryOf(filter.q)) ?? null,
    filter.severity?.map(rankOf) ?? null,
    filter.exploited ?? false,
    filter.epss ?? null,
    filter.fix === undefined ? null : filter.fix === 'yes',
    filter.since ?? null,
    filter.act_now ?? false,
  ];
  const { where, order } = pageSql(sorting, 'c.id', 8);
  const key = sorting.type === 'timestamptz' ? `to_json(${sorting.key}) #>> '{}'` : sorting.key;
  const rows = await db.query<ListedCve & { key: string | number }>({
    text: `
      select ${cveColumns(source)}, ${key} as key
      from ${from} where ${filters} and ${where}
      order by ${order} limit $10`,
    values: [...values, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  });
  const [count] = await db.query<{ count: number }>({
    text: `select count(*)::int as count from (select from ${from} where ${filters} limit ${COUNT_LIMIT}) n`,
    values,
  });
  const { page, next } = pageOf(rows, limit);
  return { total: totalOf(count!.count), cves: page, next };
}
