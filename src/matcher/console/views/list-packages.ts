/** Packages over all images: what to upgrade to remove most of the risk. */
import type { Session } from '../../../db/database.ts';
import type { FleetPackage, Total } from '../../../model/api/console/types.ts';
import { parsePurl } from '../../../model/purl.ts';
import { shownRisk } from '../../../model/risk.ts';
import { COUNT_LIMIT, type Cursor, pageOf, pageSql, type Sorting, totalOf } from '../paging.ts';
import { queryOf } from '../terms.ts';

export interface FleetRow {
  readonly id: number;
  readonly type: string;
  readonly name: string;
  readonly versions: number;
  readonly images: number;
  readonly findings: number;
  readonly fixable: number;
  readonly risk: number;
  readonly fixable_risk: number;
  readonly upgrade: string | null;
}

/** Of a `console_package` that is called `p`. The upgrade is the fix of what was found last. */
export const FLEET = `
  p.id, p.type, p.name, p.images, p.findings, p.fixable, p.risk, p.fixable_risk,
  (select count(*)::int from console_version v where v.package = p.id and v.images > 0) as versions,
  (select f.fixes[cardinality(f.fixes)] from console_finding f
    where f.package = p.id and f.fixes <> '{}' order by f.id desc limit 1) as upgrade`;

export const FLEET_KEYS: Readonly<Record<string, Omit<Sorting, 'descending'>>> = {
  fixable_risk: { key: 'p.fixable_risk', type: 'float8' },
  risk: { key: 'p.risk', type: 'float8' },
  images: { key: 'p.images::float8', type: 'float8' },
  findings: { key: 'p.findings::float8', type: 'float8' },
  name: { key: 'p.name', type: 'text' },
};

export function fleetToWire(row: FleetRow): FleetPackage {
  return {
    type: row.type,
    name: row.name,
    versions: row.versions,
    images: row.images,
    upgrade: row.upgrade,
    fixes: row.fixable,
    findings: row.findings,
    fixable_risk: shownRisk(row.fixable_risk),
    risk: shownRisk(row.risk),
  };
}

export async function loadUpgrades(db: Session, limit: number): Promise<FleetRow[]> {
  return await db.query<FleetRow>({
    name: 'console-upgrades',
    text: `
      select ${FLEET} from console_package p
      where p.images > 0 and p.fixable_risk > 0 order by p.fixable_risk desc, p.id desc limit $1`,
    values: [limit],
  });
}

/** Of the newest images with a label: `images` are those with an open finding of the package. */
export async function loadLabelUpgrades(db: Session, label: number, limit: number): Promise<FleetRow[]> {
  return await db.query<FleetRow>({
    name: 'console-label-upgrades',
    text: `
      with top as (
        select u.package, sum(c.likelihood * u.weight) as risk, sum(c.likelihood * u.weight_fixable) as fixable_risk
        from console_label_unit u join console_cve c on c.id = u.cve
        where u.label = $1 group by u.package
        having sum(u.fixable) > 0
        order by fixable_risk desc, u.package desc limit $2
      )
      select ${FLEET}
      from top t
      join (select * from console_label_unit where label = $1 and cve = 0) own on own.package = t.package
      join lateral (
        select p.id, p.type, p.name, own.images, own.findings, own.fixable, t.risk, t.fixable_risk
        from console_package p where p.id = t.package
      ) p on true
      order by t.fixable_risk desc, p.id desc`,
    values: [label, limit],
  });
}

/** The words that a package URL, or a part of a name, is found by. */
export function packageQuery(q: string | undefined): string | null {
  if (q === undefined || q.trim() === '') return null;
  const purl = q.startsWith('pkg:') ? parsePurl(q) : undefined;
  return queryOf(purl === undefined ? q : [purl.namespace, purl.name].filter(Boolean).join(' ')) ?? null;
}

export async function listPackages(
  db: Session,
  filter: { readonly q?: string | undefined; readonly type?: string | undefined },
  sorting: Sorting,
  { limit, after }: { readonly limit: number; readonly after: Cursor | undefined },
): Promise<{ total: Total; packages: readonly FleetRow[]; next: string | null }> {
  const filters = `
    p.images > 0 and ($1::text is null or p.words @@ $1::tsquery) and ($2::text is null or p.type = $2)`;
  const values = [packageQuery(filter.q), filter.type ?? null];
  const { where, order } = pageSql(sorting, 'p.id', 3);
  const rows = await db.query<FleetRow & { key: string | number }>({
    text: `
      select ${FLEET}, ${sorting.key} as key from console_package p
      where ${filters} and ${where} order by ${order} limit $5`,
    values: [...values, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  });
  const [count] = await db.query<{ count: number }>({
    text: `select count(*)::int as count from (select from console_package p where ${filters} limit ${COUNT_LIMIT}) n`,
    values,
  });
  const { page, next } = pageOf(rows, limit);
  return { total: totalOf(count!.count), packages: page, next };
}
