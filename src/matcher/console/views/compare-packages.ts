/** The packages that differ between two images. */
import type { Session } from '../../../db/database.ts';
import type { ComparedPackages } from '../../../model/api/console/types.ts';
import type { VersionsOf } from './group-packages.ts';

/** By type and source package: the installed versions. */
export type Versions = ReadonlyMap<string, string>;

export type PackageChange = ComparedPackages['packages'][number];

export async function versionsIn(db: Session, image: number): Promise<Versions> {
  const rows = await db.query<{ type: string; name: string; versions: string }>({
    name: 'console-versions-in-image',
    text: `
      select p.type, p.name, string_agg(distinct m.version, ', ' order by m.version) as versions
      from console_content c
      cross join lateral unnest(c.components) as own (id)
      join console_component m on m.id = own.id
      join console_package p on p.id = m.package
      where c.image = $1 group by p.type, p.name`,
    values: [image],
  });
  return new Map(rows.map(({ type, name, versions }) => [`${type}\0${name}`, versions]));
}

/** Those of `base` and `head` that differ, by type and name. */
export function differingPackages(base: Versions, head: Versions, versionsOf: VersionsOf): PackageChange[] {
  const keys = [...new Set([...base.keys(), ...head.keys()])].sort();
  return keys.flatMap((key) => {
    const [from, to] = [base.get(key) ?? null, head.get(key) ?? null];
    if (from === to) return [];
    const [type = '', name = ''] = key.split('\0');
    return { kind: changeOf(from, to, versionsOf(type)), type, package: name, from, to };
  });
}

/** What became of a package whose versions are not the same. */
export function changeOf(
  from: string | null,
  to: string | null,
  versions: ReturnType<VersionsOf>,
): PackageChange['kind'] {
  if (from === null) return 'added';
  if (to === null) return 'removed';
  const [a, b] = [versions?.parse(from), versions?.parse(to)];
  return a !== undefined && b !== undefined && versions!.compare(a, b) > 0 ? 'downgraded' : 'upgraded';
}
