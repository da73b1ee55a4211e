/** How many images have a package, and each version of it: what images add is counted before and after a change. */
import type { Session } from '../../../db/database.ts';

interface Owned {
  readonly package: number;
  /** null: any. */
  readonly version: string | null;
  /** Images that are the newest of a name. */
  readonly newest: number;
  readonly all: number;
}

export async function ownedVersions(tx: Session, images: readonly number[]): Promise<Owned[]> {
  return await tx.query<Owned>({
    name: 'console-owned-versions',
    text: `
      select m.package, m.version, (count(distinct i.id) filter (where i.newest))::int as newest,
        count(distinct i.id)::int as all
      from console_image i
      join console_content c on c.image = i.id
      cross join lateral unnest(c.components) as own (id)
      join console_component m on m.id = own.id
      where i.id = any ($1::int[])
      group by grouping sets ((m.package), (m.package, m.version))`,
    values: [images],
  });
}

/** Adds what `after` has more than `before`. */
export async function updateVersions(
  tx: Session,
  before: readonly Owned[],
  after: readonly Owned[],
): Promise<void> {
  const changed = differences(before, after);
  const packages = changed.filter(({ version }) => version === null);
  const versions = changed.filter(({ version }) => version !== null);
  if (packages.length > 0) {
    await tx.query({
      name: 'console-update-package-images',
      text: `
        update console_package p set images = p.images + d.newest, images_all = p.images_all + d.total
        from unnest($1::int[], $2::int[], $3::int[]) as d (id, newest, total) where p.id = d.id`,
      values: columnsOf(packages),
    });
  }
  if (versions.length === 0) return;
  const [ids, newest, all] = columnsOf(versions);
  await tx.query({
    name: 'console-update-versions',
    text: `
      insert into console_version as v (package, version, images, images_all)
      select * from unnest($1::int[], $2::text[], $3::int[], $4::int[])
      on conflict (package, version) do update
        set images = v.images + excluded.images, images_all = v.images_all + excluded.images_all`,
    values: [ids, versions.map(({ version }) => version), newest, all],
  });
  await tx.query({
    name: 'console-delete-versions',
    text: `
      delete from console_version v using unnest($1::int[], $2::text[]) as d (package, version)
      where v.package = d.package and v.version = d.version and v.images_all <= 0`,
    values: [ids, versions.map(({ version }) => version)],
  });
}

function differences(before: readonly Owned[], after: readonly Owned[]): Owned[] {
  const sums = new Map<string, Owned>();
  const add = (rows: readonly Owned[], sign: 1 | -1): void => {
    for (const row of rows) {
      const key = JSON.stringify([row.package, row.version]);
      const { newest, all } = sums.get(key) ?? { newest: 0, all: 0 };
      sums.set(key, { ...row, newest: newest + sign * row.newest, all: all + sign * row.all });
    }
  };
  add(before, -1);
  add(after, 1);
  return [...sums.values()].filter(({ newest, all }) => newest !== 0 || all !== 0);
}

function columnsOf(rows: readonly Owned[]): number[][] {
  return [rows.map((row) => row.package), rows.map(({ newest }) => newest), rows.map(({ all }) => all)];
}
