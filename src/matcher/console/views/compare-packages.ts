/** The packages that differ between two images. */
import type { Session } from '../../../db/database.ts';
import type { ComparedPackages } from '../../../model/api/console/types.ts';
import type { VersionsOf } from './group-packages.ts';

const SEPARATOR = ', ';

/** By type and source package: the installed versions. */
export type Versions = ReadonlyMap<string, string>;

export type PackageChange = ComparedPackages['packages'][number];

export async function versionsIn(db: Session, image: number): Promise<Versions> {
  const rows = await db.query<{ type: string; name: string; versions: string }>({
    name: 'console-versions-in-image',
    text: `
      select p.type, p.name, string_agg(distinct m.version, '${SEPARATOR}' order by m.version) as versions
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

/** What became of a package whose versions are not the same; of several versions the highest counts. */
export function changeOf(
  from: string | null,
  to: string | null,
  versions: ReturnType<VersionsOf>,
): PackageChange['kind'] {
  if (from === null) return 'added';
  if (to === null) return 'removed';
  const [a, b] = [highestOf(from, versions), highestOf(to, versions)];
  return a !== undefined && b !== undefined && versions!.compare(a, b) > 0 ? 'downgraded' : 'upgraded';
}

/** undefined: one of them cannot be read. */
function highestOf(installed: string, versions: ReturnType<VersionsOf>): unknown {
  const all = installed.split(SEPARATOR).map((version) => versions?.parse(version));
  if (all.includes(undefined)) return undefined;
  return all.reduce((a, b) => (versions!.compare(a, b) >= 0 ? a : b));
}
