/** Which files are parts of installed gems: their folders, what was compiled for them, and the scripts that start them. */
import type { LayerView } from '../../contract/detector.ts';
import { folderOf, inFolders } from '../package-folders.ts';

const MAX_SIZE = 4 * 1024 * 1024;

const SPECIFICATION = /^(.*\/|)specifications\/(?:default\/)?([^/]+)\.gemspec$/s;
/** RubyGems' `extension_dir`: by platform and version of Ruby. */
const COMPILED = /^(.*\/|)extensions\/[^/]+\/[^/]+\/([^/]+)\//s;
/** `s.executables = ["rails".freeze, "rake".freeze]` */
const EXECUTABLES = /^[ \t]*\w+\.executables[ \t]*=[ \t]*\[([^\]\n]{0,10000})\]/m;

/** Those of `paths` that gems with specifications at `packages` have brought. */
export function* inGems(
  layer: LayerView,
  paths: ReadonlySet<string>,
  packages: ReadonlySet<string>,
): Generator<string> {
  const folders = new Set<string>();
  for (const path of packages) {
    const [, home, gem] = SPECIFICATION.exec(path) ?? [];
    if (home === undefined) {
      folders.add(folderOf(path));
      continue;
    }
    folders.add(`${home}gems/${gem}`);
    // Where Ruby itself is, or beside the gems.
    const bins = [`${home}bin/`, home.replace(/lib\/ruby\/gems\/[^/]+\/$/, 'bin/')];
    for (const script of scriptsOf(layer, path)) {
      for (const bin of bins) if (paths.has(bin + script)) yield bin + script;
    }
  }
  yield* inFolders(paths, folders);
  for (const path of paths) {
    const [, home, gem] = COMPILED.exec(path) ?? [];
    if (home !== undefined && folders.has(`${home}gems/${gem}`)) yield path;
  }
}

function scriptsOf(layer: LayerView, path: string): string[] {
  const text = layer.file(path)?.start(MAX_SIZE).toString() ?? '';
  const list = EXECUTABLES.exec(text)?.[1] ?? '';
  return [...list.matchAll(/["']([\w.-]+)["']/g)].flatMap(([, name]) => name ?? []);
}
