/** One package over all images: its versions, and who has it. */
import type { Session } from '../../../db/database.ts';
import { AppError } from '../../../errors.ts';
import type { FleetPackageDetail, PackageImages } from '../../../model/api/console/types.ts';
import { SEVERITIES } from '../../../model/severity.ts';
import { type Cursor, totalOf, writeCursor } from '../paging.ts';
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
      select v.version, v.images, coalesce(f.findings, 0) as findings, f.worst
      from console_version v
      left join (
        select m.version, count(distinct f.cve)::int as findings, max(f.severity) as worst
        from console_finding f join console_component m on m.id = f.component
        where f.package = $1 group by m.version
      ) f on f.version = v.version
      where v.package = $1 and v.images > 0
      order by v.images desc, v.version limit ${VERSIONS}`,
    values: [row.id],
  });
  return {
    ...fleetToWire(row),
    version_list: versions.map(({ worst, ...version }) => ({
      ...version,
      worst: worst === null ? null : (SEVERITIES[worst] ?? null),
    })),
  };
}

interface WantedPackage {
  readonly type: string;
  readonly name: string;
  readonly version?: string | undefined;
  readonly newest: boolean;
}

/** What more images than these have is looked for image by image: the page is full before long. */
const MANY = 2000;
/** How many images are looked at so, before the index is asked for all that have it. */
const LOOKED_AT = 1000;

export async function listPackageImages(
  db: Session,
  { type, name, version, newest }: WantedPackage,
  { limit, after }: { readonly limit: number; readonly after: Cursor | undefined },
): Promise<PackageImages> {
  const { ids, images } = await ownedBy(db, { type, name, version, newest });
  const page = { ids, newest, before: after?.[1] ?? null, limit: limit + 1 };
  let rows = images > MANY ? await nearImages(db, page) : [];
  // Few of the images at this place have it: nothing is said yet of the rest.
  if (rows.length <= limit) rows = await indexedImages(db, page);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    total: totalOf(images),
    next: rows.length > limit && last ? writeCursor(['', last.id]) : null,
    images: (await versionsIn(db, shown, ids)).map((row) => ({
      image: { digest: row.digest, name: row.name },
      labels: row.labels,
      version: row.version,
      binaries: row.binaries,
    })),
  };
}

/** The numbers of its components, as PostgreSQL writes them, and how many images have one. */
async function ownedBy(
  db: Session,
  { type, name, version, newest }: WantedPackage,
): Promise<{ readonly ids: string; readonly images: number }> {
  const [row] = await db.query<{ ids: string; images: number }>({
    name: 'console-owned-by-package',
    text: `
      select coalesce(array_agg(m.id), '{}')::text as ids,
        (select case when $4::boolean then coalesce(max(v.images), 0) else coalesce(max(v.images_all), 0) end
          from (
            select images, images_all from console_package where $3::text is null and type = $1 and name = $2
            union all
            select v.images, v.images_all from console_version v join console_package p on p.id = v.package
            where p.type = $1 and p.name = $2 and v.version = $3
          ) v) as images
      from console_package p join console_component m on m.package = p.id
      where p.type = $1 and p.name = $2 and ($3::text is null or m.version = $3)`,
    values: [type, name, version ?? null, newest],
  });
  return row!;
}

interface PageOfImages {
  readonly ids: string;
  readonly newest: boolean;
  readonly before: number | null;
  readonly limit: number;
}

interface PlainImage {
  readonly id: number;
  readonly digest: string;
  readonly name: string | null;
  readonly labels: Record<string, string>;
}

async function nearImages(db: Session, { ids, newest, before, limit }: PageOfImages): Promise<PlainImage[]> {
  return await db.query<PlainImage>({
    name: `console-near-images${newest ? '' : '-all'}`,
    text: `
      select i.id, i.digest, i.name, i.labels
      from (
        select * from console_image
        where ($2::int is null or id < $2) ${newest ? 'and newest' : ''} order by id desc limit ${LOOKED_AT}
      ) i
      -- One look at each: the planner would ask the index for all images that have it.
      cross join lateral (
        select from console_content c where c.image = i.id and c.components && $1::int[] offset 0
      ) c
      order by i.id desc limit $3`,
    values: [ids, before, limit],
  });
}

async function indexedImages(
  db: Session,
  { ids, newest, before, limit }: PageOfImages,
): Promise<PlainImage[]> {
  return await db.query<PlainImage>({
    name: `console-images-with${newest ? '' : '-all'}`,
    // First of all the index: the planner would read the components of one image after the other, from the newest on.
    text: `
      with owning as materialized (select image from console_content where components && $1::int[])
      select i.id, i.digest, i.name, i.labels
      from owning o
      cross join lateral (
        select * from console_image where id = o.image ${newest ? 'and newest' : ''} offset 0
      ) i
      where $2::int is null or o.image < $2
      order by o.image desc limit $3`,
    values: [ids, before, limit],
  });
}

interface OwningImage extends PlainImage {
  readonly version: string;
  readonly binaries: string[];
}

async function versionsIn(db: Session, images: readonly PlainImage[], ids: string): Promise<OwningImage[]> {
  const rows = await db.query<{ image: number; version: string; binaries: string[] }>({
    name: 'console-versions-in-images',
    text: `
      select c.image, min(m.version) as version, array_agg(distinct m.name) as binaries
      from console_content c
      cross join lateral unnest(c.components) as o (id)
      join console_component m on m.id = o.id
      where c.image = any ($1::int[]) and m.id = any ($2::int[])
      group by c.image`,
    values: [images.map(({ id }) => id), ids],
  });
  const byImage = new Map(rows.map((row) => [row.image, row]));
  return images.flatMap((image) => {
    const owned = byImage.get(image.id);
    return owned === undefined ? [] : { ...image, version: owned.version, binaries: owned.binaries };
  });
}
