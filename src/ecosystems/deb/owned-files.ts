/** Which files dpkg's packages own: `info/*.list` beside `status`, where there is none `info/*.md5sums`, as distroless images have. */

import type { LayerFile, LayerView, OwnedFile } from '../../contract/detector.ts';
import { readDeb822 } from '../../formats/os/deb822.ts';
import { listedPaths } from '../../formats/os/owned-paths.ts';
import { MOST_TEXT, textLines } from '../../formats/os/text-lines.ts';

/** Files of one package. */
const MOST_LISTED = 1_000_000;

const FIELDS: ReadonlySet<string> = new Set(['package', 'status', 'architecture', 'maintainer', 'version']);

/** Whether this file tells what the packages of a `status` own. */
export function tellsFiles(path: string): boolean {
  return /\.(?:list|md5sums)$/.test(path) ? /(?:^|\/)info\/[^/]+$/.test(path) : path.endsWith('/diversions');
}

/** Those of `paths` that installed packages of the databases in `statuses` list. */
export function* ownedByDpkg(
  layer: LayerView,
  statuses: readonly LayerFile[],
  paths: ReadonlySet<string>,
): Generator<OwnedFile> {
  const listed = listedPaths(layer, paths);
  for (const status of statuses) {
    const folder = status.path.replace(/status$/, '');
    const packages = packagesOf(status.start(MOST_TEXT));
    const diverted = diversionsOf(layer.file(`${folder}diversions`));
    for (const list of layer.files) {
      if (!list.path.startsWith(`${folder}info/`)) continue;
      const name = list.path.slice(folder.length + 5).replace(/\.(?:list|md5sums)$/, '');
      const isSums = list.path.endsWith('.md5sums');
      const maker = packages.get(name);
      if (maker === undefined || (isSums && layer.file(`${folder}info/${name}.list`) !== undefined)) continue;
      for (const path of isSums ? summedPaths(list) : textLines(list.read(), MOST_LISTED)) {
        const found = listed.get(path.slice(1));
        if (found === undefined) continue;
        // dpkg-divert(1): the file at this place is another's.
        const by = diverted.get(path);
        if (by === undefined || by === name.replace(/:.*$/s, '')) yield { path: found, maker };
      }
    }
  }
}

/** Those of `paths` that the packages in a `status.d` list: `MD5  path`. */
export function* ownedByDistroless(layer: LayerView, paths: ReadonlySet<string>): Generator<OwnedFile> {
  const listed = listedPaths(layer, paths);
  for (const file of layer.files) {
    if (!file.path.endsWith('.md5sums')) continue;
    const control = layer.file(file.path.slice(0, -'.md5sums'.length));
    const [maker] = control === undefined ? [] : packagesOf(control.start(MOST_TEXT), false).values();
    if (maker === undefined) continue;
    for (const path of summedPaths(file)) {
      const found = listed.get(path.slice(1));
      if (found !== undefined) yield { path: found, maker };
    }
  }
}

/** The paths in a file of `MD5  path`, with the leading slash that it leaves out. */
function* summedPaths(file: LayerFile): Generator<string> {
  for (const line of textLines(file.read(), MOST_LISTED)) {
    const path = /^[0-9a-f]{32}\s+(?:\.?\/)?(.*)$/s.exec(line)?.[1];
    if (path !== undefined) yield `/${path}`;
  }
}

/** Many of Debian's maintainers have addresses elsewhere: then it is `perhaps` the distribution. */
type Maker = OwnedFile['maker'];

/** The names of the lists of installed packages, and who made each. */
function packagesOf(status: Buffer, needsStatus = true): Map<string, Maker> {
  const names = new Map<string, Maker>();
  for (const { fields } of readDeb822(status, FIELDS)) {
    const name = fields.get('package');
    if (name === undefined) continue;
    if (needsStatus && !/\sinstalled$/.test(fields.get('status') ?? '')) continue;
    const maker = makerOf(fields.get('maintainer') ?? '', fields.get('version') ?? '');
    names.set(name, maker);
    names.set(`${name}:${fields.get('architecture') ?? ''}`, maker);
  }
  return names;
}

const DISTRIBUTIONS = /@(?:[\w-]+\.)*(?:debian\.(?:org|net)|ubuntu\.com|canonical\.com)>?\s*$/i;

/** Repositories whose packages keep the names of their maintainers in Debian: PostgreSQL's and Ondřej Surý's (PHP, Apache). */
const FOREIGN = /pgdg|\+0~20\d{6}\.|\+deb\.sury/;

/** deb-version(7) as Debian uses it; others write a release or their own name behind: `1.30.0-1~trixie`, `8.0.34-1debian12`. */
const DEBIAN_REVISION =
  /-\d+(?:\.\d+)*(?:\+b\d+|[~+](?:deb|bpo)\d+[u+]\d+|\+nmu\d+|\+really[\d.-]+|ubuntu[\d.]+|build\d+)*$/;

/**
 * A package that somebody else made is in nobody's advisories: what it brings is only known by the language's. Where the
 * maintainer is not told, it is the distribution's (images are made without).
 */
function makerOf(maintainer: string, version: string): Maker {
  if (FOREIGN.test(version)) return 'other';
  if (maintainer.trim() === '' || DISTRIBUTIONS.test(maintainer)) return 'distribution';
  return DEBIAN_REVISION.test(version) ? 'perhaps' : 'other';
}

/** Three lines each: the path, where to, and the package that may have its file there (`:` is nobody). */
function diversionsOf(file: LayerFile | undefined): Map<string, string> {
  const by = new Map<string, string>();
  if (file === undefined) return by;
  const lines = [...textLines(file.read(), MOST_LISTED)];
  for (let at = 0; at + 2 < lines.length; at += 3) by.set(lines[at]!, lines[at + 2]!);
  return by;
}
