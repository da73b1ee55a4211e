/** Finds paths of a layer among those that the operating system's packages list as theirs. */
import type { LayerView } from '../../contract/detector.ts';

/** Directories that merged systems keep in `usr` alone: there packages may list either name of a file. */
const MERGED = /^(usr\/)?((?:bin|sbin|lib|lib32|lib64|libx32)\/.*)$/s;

/** By the path that a package lists (without leading slash): which of `paths` it is, as the layer has it. */
export function listedPaths(
  layer: Pick<LayerView, 'has'>,
  paths: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const listed = new Map<string, string>();
  for (const path of paths) {
    const [, usr, rest] = MERGED.exec(path) ?? [];
    if (rest === undefined) continue;
    const alias = usr === undefined ? `usr/${rest}` : rest;
    const [folder = ''] = alias.split(/(?<=lib|bin|lib32|lib64|libx32)\//, 1);
    // Where both are there, and neither directory is a link to the other, they are two files.
    if (!layer.has(alias) || layer.has(folder, 'symlink')) listed.set(alias, path);
  }
  for (const path of paths) listed.set(path, path);
  return listed;
}
