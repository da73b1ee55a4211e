/** Which files are parts of .NET applications: those that a `.deps.json` lists, and the program that it is named after. */
import type { LayerView } from '../../contract/detector.ts';
import { readJsonFile } from '../../formats/json/file.ts';
import { folderOf } from '../package-folders.ts';
import { assetNames, MAX_FILE } from './deps-file.ts';

/** Those of `paths` that lists of the layer name. They may be in folders of their own below, by platform or language. */
export function* inApplications(layer: LayerView, paths: ReadonlySet<string>): Generator<string> {
  for (const list of layer.files) {
    let names: ReadonlySet<string>;
    try {
      names = assetNames(readJsonFile(list, MAX_FILE));
    } catch {
      continue; // told where its packages are read
    }
    const folder = folderOf(list.path);
    const prefix = folder === '' ? '' : `${folder}/`;
    const name = list.path.slice(prefix.length, -'.deps.json'.length);
    const own = [name, `${name}.exe`, `${name}.dll`].map((each) => prefix + each);
    for (const path of paths) {
      const isListed = path.startsWith(prefix) && names.has(path.slice(path.lastIndexOf('/') + 1));
      if (isListed || own.includes(path)) yield path;
    }
  }
}
