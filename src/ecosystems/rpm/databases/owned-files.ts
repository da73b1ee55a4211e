/** Which files the packages of rpm's databases own, by what their headers list. */

import type { LayerView, OwnedFile } from '../../../contract/detector.ts';
import { listedPaths } from '../../../formats/os/owned-paths.ts';
import { type RpmHeader, readHeader } from './header.ts';

// rpm's docs/manual/tags.md
const TAG = { vendor: 1011, flags: 1037, directories: 1116, names: 1117, folders: 1118 } as const;

/** rpmfiles.h, RPMFILE_GHOST: the package only says that the file may come to be there. */
const GHOST = 64;

/** Who makes distributions; Oracle's packages of MySQL are by `Oracle and/or its affiliates`. */
const VENDORS =
  /red ?hat|centos|fedora|almalinux|rocky|oracle(?! and\/or)|amazon|suse|vmware|photon|microsoft|azure|mariner|mageia|scientific linux|openeuler|anolis|tencent|alibaba/i;

/** Those of `paths` that packages with these headers list. What cannot be read owns nothing. */
export function* ownedByRpm(
  layer: LayerView,
  blobs: Iterable<Buffer>,
  paths: ReadonlySet<string>,
): Generator<OwnedFile> {
  const listed = listedPaths(layer, paths);
  const folders = new Set([...listed.keys()].map((path) => `/${path.slice(0, path.lastIndexOf('/') + 1)}`));
  for (const blob of blobs) {
    let own: string[];
    let maker: OwnedFile['maker'];
    try {
      const header = readHeader(blob);
      own = filesOf(header, folders);
      maker = own.length === 0 || isOfDistribution(header) ? 'distribution' : 'other';
    } catch {
      continue; // told where its package is read
    }
    for (const path of own) {
      const found = listed.get(path.slice(1));
      if (found !== undefined) yield { path: found, maker };
    }
  }
}

/** Files of a package in one of `folders`. */
function filesOf(header: RpmHeader, folders: ReadonlySet<string>): string[] {
  const own = header.texts(TAG.folders);
  if (!own.some((folder) => folders.has(folder))) return [];
  const names = header.texts(TAG.names);
  const flags = header.numbers(TAG.flags);
  return header.numbers(TAG.directories).flatMap((directory, index) => {
    const [folder, name] = [own[directory], names[index]];
    if (folder === undefined || name === undefined || !folders.has(folder)) return [];
    return ((flags[index] ?? 0) & GHOST) === 0 ? [folder + name] : [];
  });
}

/** A package that somebody else made is in nobody's advisories: what it brings is only known by the language's. */
function isOfDistribution(header: RpmHeader): boolean {
  const vendor = header.text(TAG.vendor) ?? '';
  return vendor === '' || vendor === '(none)' || VENDORS.test(vendor);
}
