/** Which files are parts of what Composer installed: the folders of packages, and proxies of their programs. */
import { posix } from 'node:path';
import type { LayerView } from '../../contract/detector.ts';
import { fieldOf, readJsonFile } from '../../formats/json/file.ts';
import { folderOf, inFolders } from '../package-folders.ts';
import { MAX_FILE, packageList } from './installed-list.ts';

/** Those of `paths` that packages in the lists at `packages` have brought. */
export function* inPackages(
  layer: LayerView,
  paths: ReadonlySet<string>,
  packages: ReadonlySet<string>,
): Generator<string> {
  const folders = new Set<string>();
  for (const path of packages) {
    const file = layer.file(path);
    if (file === undefined) continue;
    const composer = folderOf(path);
    const vendor = folderOf(composer);
    for (const each of packageList(readJsonFile(file, MAX_FILE))) {
      const [name, place] = [fieldOf(each, 'name'), fieldOf(each, 'install-path')];
      if (typeof name !== 'string') continue;
      // Composer 1 does not say where: by their names, always. The root has everything below it, and is no package.
      const folder =
        typeof place === 'string' ? posix.join('/', composer, place).slice(1) : posix.join(vendor, name);
      if (folder !== '' && folder.startsWith(vendor) && folder !== vendor) folders.add(folder);
      for (const program of listOf(fieldOf(each, 'bin'))) {
        const proxy = `${vendor}/bin/${posix.basename(program)}`;
        if (paths.has(proxy)) yield proxy;
      }
    }
  }
  yield* inFolders(paths, folders);
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
