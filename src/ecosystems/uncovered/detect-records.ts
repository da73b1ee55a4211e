/** Finds packages of package managers of which no feed speaks, so that they are counted, and their files accounted for. */
import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { identifierOf } from '../../formats/json/file.ts';
import { inFolders } from '../package-folders.ts';
import { RECORDS, type RecordKind } from './records.ts';

/** A record of conda lists all files of its package: the longest have 5 MiB. */
const MAX_BYTES = 16 * 1024 * 1024;

// differs: detectors that Clair does not have: packages of conda, CPAN, LuaRocks, Homebrew, Portage, opkg, Spack, Flatpak, Snap, vcpkg, Conan, and plugins of WordPress
export const recordDetectors: readonly Detector[] = RECORDS.map(
  (kind): Detector => ({
    id: kind.id,
    revision: '2',
    kind: 'package',
    account: 'inventory',
    wants: ({ path, type }) =>
      type === 'file' &&
      path.includes(kind.part) &&
      (kind.is.test(path) || kind.lists?.is.test(path) === true),
    *read(layer): Generator<Detection> {
      for (const file of layer.files) if (kind.is.test(file.path)) yield* packagesIn(file, kind);
    },
    brings: (layer, paths, packages) => filesOf(layer, kind, paths, packages),
  }),
);

function* packagesIn(file: LayerFile, kind: RecordKind): Generator<Detection> {
  const { path } = file;
  try {
    let nameless = 0;
    for (const each of kind.read(path, textOf(file))) {
      const [name, version] = [identifierOf(each.name), identifierOf(each.version)];
      if (name === undefined || version === undefined) nameless++;
      else
        yield {
          found: 'package',
          package: { name, version, kind: 'binary', database: `${kind.id}:${path}`, path },
        };
    }
    if (nameless > 0)
      yield {
        found: 'problem',
        where: path,
        reason: `${nameless} packages have no readable name and version`,
      };
  } catch (error) {
    yield { found: 'problem', where: path, reason: messageOf(error) };
  }
}

/** Those of `paths` that its packages have. */
function* filesOf(
  layer: LayerView,
  { folder, lists }: RecordKind,
  paths: ReadonlySet<string>,
  packages: ReadonlySet<string>,
): Generator<string> {
  if (folder !== undefined) yield* inFolders(paths, new Set([...packages].map((path) => folder(path))));
  if (lists === undefined) return;
  for (const file of layer.files) {
    if (!lists.is.test(file.path)) continue;
    for (const path of lists.files(file.path, textOf(file))) if (paths.has(path)) yield path;
  }
}

function textOf(file: LayerFile): string {
  if (file.size > MAX_BYTES) throw new Error(`bigger than ${MAX_BYTES} bytes`);
  return file.read().toString();
}
