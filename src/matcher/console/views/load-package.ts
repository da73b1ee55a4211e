/** One package over all images: its versions, and who has it. */
import type { Session } from '../../../db/database.ts';
import { AppError } from '../../../errors.ts';
import type { FleetPackageDetail, PackageImages } from '../../../model/api/console/types.ts';
import { SEVERITIES } from '../../../model/severity.ts';
import { COUNT_LIMIT, type Cursor, totalOf, writeCursor } from '../paging.ts';
import { FLEET, type FleetRow, fleetToWire } from './list-packages.ts';

const VERSIONS = 200;

/** Throws `not-found`. */
export async function loadPackage(db: Session, type: string, name: string): Promise<FleetPackageDetail> {
  const [row] = await db.query<FleetRow>({
    name: 'console-load-package',
    text: `select ${FLEET} from console_package p where p.type = $1 and p.name = $2`,
    values: [type, name],
  });
  if (row === undefined)
    throw new AppError('not-found', `no image has the package "${name}" of type "${type}"`);
  const versions = await db.query<{
    version: string;
    images: number;
    findings: number;
    worst: number | null;
  }>({
    name: 'console-load-versions',
    text: `
      select v.version, (
          select count(*)::int from console_content c join console_image i on i.id = c.image
          where i.newest and c.components && v.ids) as images,
        f.findings, f.worst
      from (
        select version, array_agg(id) as ids from console_component where package = $1
        group by version order by max(id) desc limit ${VERSIONS}
      ) v
      cross join lateral (
        select count(distinct cve)::int as findings, max(severity) as worst
        from console_finding where component = any (v.ids)
      ) f
      order by images desc, v.version`,
    values: [row.id],
  });
  return {
    ...fleetToWire(row),
    version_list: versions
      .filter(({ images }) => images > 0)
      .map(({ worst, ...version }) => ({
        ...version,
        worst: worst === null ? null : (SEVERITIES[worst] ?? null),
      })),
  };
}

export async function listPackageImages(
  db: Session,
  {
    type,
    name,
    version,
    newest,
  }: { type: string; name: string; version?: string | undefined; newest: boolean },
  { limit, after }: { readonly limit: number; readonly after: Cursor | undefined },
): Promise<PackageImages> {
  const owned = `
    owned as materialized (
      select coalesce(array_agg(m.id), '{}') as ids
      from console_package p join console_component m on m.package = p.id
      where p.type = $1 and p.name = $2 and ($3::text is null or m.version = $3))`;
  const images = `
    select i.* from console_content c join console_image i on i.id = c.image
    where c.components && (select ids from owned) and (not $4::boolean or i.newest)`;
  const values = [type, name, version ?? null, newest];
  const rows = await db.query<{
    id: number;
    digest: string;
    name: string | null;
    labels: Record<string, string>;
    version: string;
    binaries: string[];
  }>({
    text: `
      with ${owned}, page as materialized (
        select * from (${images}) i where ($5::int is null or i.id < $5) order by i.id desc limit $6
      )
      select i.id, i.digest, i.name, i.labels, own.version, own.binaries
      from page i join console_content c on c.image = i.id
      cross join lateral (
        select min(m.version) as version, array_agg(distinct m.name) as binaries
        from unnest(c.components) as o (id) join console_component m on m.id = o.id
        where o.id = any ((select ids from owned)::int[])
      ) own
      order by i.id desc`,
    values: [...values, after?.[1] ?? null, limit + 1],
  });
  const [count] = await db.query<{ count: number }>({
    text: `with ${owned} select count(*)::int as count from (select from (${images}) i limit ${COUNT_LIMIT}) n`,
    values,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    total: totalOf(count!.count),
    next: rows.length > limit && last ? writeCursor(['', last.id]) : null,
    images: page.map(({ digest, name: shown, labels, version: installed, binaries }) => ({
      image: { digest, name: shown },
      labels,
      version: installed,
      binaries,
    })),
  };
}
