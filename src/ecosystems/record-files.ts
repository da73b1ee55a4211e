/** Detectors of packages that have a record of their own each, which package managers leave where they install. */

import type { Detection, Detector, LayerFile, LayerView } from '../contract/detector.ts';
import { messageOf } from '../errors.ts';
import { identifierOf } from '../formats/json/file.ts';
import type { Listed } from '../formats/locks/list.ts';
import { counted } from '../lib/counted.ts';
import type { Repository } from '../model/package.ts';
import { inFolders } from './package-folders.ts';

export interface RecordKind {
  /** Of the detector. */
  readonly id: string;
  /** What every path of it has: quick to look for. */
  readonly part: string;
  /** Of the path. */
  readonly is: RegExp;
  /** The packages of a record, from its text or bytes; of some its path says all. Throws if it is none. */
  read(path: string, text: string, bytes: Buffer): readonly Listed[];
  /** The folder that all of its package is in. */
  readonly folder?: (path: string) => string;
  /** Files, or the records themselves, that list the files of packages: which, without a leading slash. */
  readonly lists?: {
    readonly is: RegExp;
    readonly files: (path: string, text: string, bytes: Buffer) => Iterable<string>;
  };
}

/** A record of conda lists all files of its package: the longest have 5 MiB. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The detector of records of a kind. `more`: what it says beside the packages; `from`: where these are from. */
export function recordDetector(
  kind: RecordKind,
  { from, ...more }: Pick<Detector, 'revision' | 'account'> & { readonly from?: Repository },
): Detector {
  return {
    id: kind.id,
    kind: 'package',
    ...more,
    wants: ({ path, type }) =>
      type === 'file' &&
      path.includes(kind.part) &&
      (kind.is.test(path) || kind.lists?.is.test(path) === true),
    *read(layer): Generator<Detection> {
      let any = false;
      for (const file of layer.files) {
        if (!kind.is.test(file.path)) continue;
        for (const found of packagesIn(file, kind)) {
          any ||= found.found === 'package';
          yield found;
        }
      }
      if (any && from !== undefined) yield { found: 'repository', repository: from };
    },
    brings: (layer, paths, packages) => filesOf(layer, kind, paths, packages),
  };
}

function* packagesIn(file: LayerFile, kind: RecordKind): Generator<Detection> {
  const { path } = file;
  try {
    let nameless = 0;
    const bytes = bytesOf(file);
    for (const each of kind.read(path, bytes.toString(), bytes)) {
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
        reason: `${counted(nameless, 'package')} without a readable name and version`,
      };
  } catch (error) {
    yield { found: 'problem', where: path, reason: messageOf(error) };
  }
}

/** Those of `paths` that its packages have. */
function* filesOf(
  layer: LayerView,
  { is, folder, lists }: RecordKind,
  paths: ReadonlySet<string>,
  packages: ReadonlySet<string>,
): Generator<string> {
  if (folder !== undefined) yield* inFolders(paths, new Set([...packages].map((path) => folder(path))));
  if (lists === undefined) return;
  for (const file of layer.files) {
    if (!lists.is.test(file.path)) continue;
    try {
      const bytes = bytesOf(file);
      for (const path of lists.files(file.path, bytes.toString(), bytes)) if (paths.has(path)) yield path;
    } catch (error) {
      // A record that cannot be read was told, and takes no other with it.
      if (!is.test(file.path)) throw error;
    }
  }
}

function bytesOf(file: LayerFile): Buffer {
  if (file.size > MAX_BYTES) throw new Error(`bigger than ${MAX_BYTES} bytes`);
  return file.read();
}

/** The values of `fields` in lines `FIELD: VALUE`; undefined where there is none. */
export function fieldsOf(text: string, ...fields: string[]): (string | undefined)[] {
  return fields.map((name) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim());
}
