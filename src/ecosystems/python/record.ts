/** Which files an installed distribution has: `RECORD` of a wheel ("Recording installed projects"), pip's list of an egg. */
import { posix } from 'node:path';
import type { LayerFile, LayerView } from '../../contract/detector.ts';
import { textLines } from '../../formats/os/text-lines.ts';
import { folderOf } from '../package-folders.ts';

const RECORD = /\.dist-info\/RECORD$/;
const INSTALLED = /\.egg-info\/installed-files\.txt$/;

/** Files of one distribution: the biggest have 30,000. */
const MOST_FILES = 500_000;

/** Whether this file lists those of a distribution. */
export function listsFiles(path: string): boolean {
  return RECORD.test(path) || INSTALLED.test(path);
}

/** Those of `paths` that distributions of the layer list, or that are in an egg that is a folder. */
export function* recorded(
  layer: LayerView,
  paths: ReadonlySet<string>,
  packages: ReadonlySet<string>,
): Generator<string> {
  for (const file of layer.files) {
    if (!listsFiles(file.path)) continue;
    const info = folderOf(file.path);
    // A list beside nothing that is installed says nothing.
    if (![file.path, `${info}/METADATA`, `${info}/PKG-INFO`].some((path) => packages.has(path))) continue;
    for (const path of filesIn(file)) if (paths.has(path)) yield path;
  }
  const eggs = new Set(
    [...packages].flatMap((path) => (path.endsWith('.egg/EGG-INFO/PKG-INFO') ? folderOf(path, 1) : [])),
  );
  for (const path of paths) {
    const egg = /^.*?\.egg(?=\/)/s.exec(path)?.[0];
    if (egg !== undefined && eggs.has(egg)) yield path;
  }
}

/** RECORD is CSV whose first column is a path from where the distribution is; the other list has paths from its own folder. */
function* filesIn(file: LayerFile): Generator<string> {
  const isRecord = RECORD.test(file.path);
  const from = folderOf(file.path, isRecord ? 1 : 0);
  for (const line of textLines(file.read(), MOST_FILES)) {
    const [, quoted, plain] = /^(?:"((?:[^"]|"")*)"|([^,]*))/.exec(line) ?? [];
    const path = isRecord ? (quoted?.replaceAll('""', '"') ?? plain ?? '') : line;
    if (path === '') continue;
    yield posix.join('/', path.startsWith('/') ? '' : from, path).slice(1);
  }
}
