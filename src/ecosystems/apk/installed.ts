/** Finds packages in the database of apk, which lists what is installed: apk-package(5), index format. */

import type { Detection, Detector, LayerFile, LayerView } from '../../contract/detector.ts';
import { listedPaths } from '../../formats/os/owned-paths.ts';

const DATABASE = 'lib/apk/db/installed';
// differs: read too, for layers in which `lib` is not the link to `usr/lib` that a lower one has (clair-indexing.md#alpine-packages)
const MERGED_DATABASE = 'usr/lib/apk/db/installed';

/** Names and versions of real packages have under 100 characters. */
const MAX_VALUE = 1024;

/** Packages installed by apk. */
export const installed: Detector = {
  id: 'apk',
  revision: 'v0.0.1',
  kind: 'package',
  paths: [DATABASE, MERGED_DATABASE],
  *read(layer) {
    for (const { database, file } of databasesIn(layer)) {
      const found = [...packagesIn(file.read().toString(), { database, path: file.path })];
      // What cannot be read does not replace what a lower layer's database says.
      if (found.some((item) => item.found === 'package') || found.length === 0) {
        yield { found: 'database', database, path: file.path };
      }
      yield* found;
    }
  },
  // differs: files that apk's packages own are no packages of a language; Clair asks rpm alone (clair-indexing.md#rpm-databases)
  *owns(layer, paths) {
    const listed = listedPaths(layer, paths);
    for (const { database, file } of databasesIn(layer)) {
      const text = file.read().toString();
      if (packagesIn(text, { database, path: file.path }).some(({ found }) => found === 'package')) {
        for (const path of filesIn(text)) {
          const found = listed.get(path);
          if (found !== undefined) yield found;
        }
      }
    }
  },
};

/**
 * The databases of a layer: one, or two if both places have a file of their own. A single one has the same name
 * wherever it is, so that a layer without the link `lib` replaces the database of one that has it.
 */
function databasesIn(layer: LayerView): { database: string; file: LayerFile }[] {
  const plain = layer.file(DATABASE);
  const merged = layer.file(MERGED_DATABASE);
  if (plain === undefined || merged === undefined || isSame(plain, merged)) {
    const file = merged ?? plain; // of two names of a file the one that whiteouts use: links are not followed there
    return file === undefined ? [] : [{ database: DATABASE, file }];
  }
  return [
    { database: DATABASE, file: plain },
    { database: MERGED_DATABASE, file: merged },
  ];
}

function isSame(a: LayerFile, b: LayerFile): boolean {
  return a.path === b.path || (a.size === b.size && a.read().equals(b.read()));
}

/** Records end at a blank line; each line is a letter, a colon and the value. */
// differs: the last record counts even if no blank line follows (clair-indexing.md#alpine-packages)
function* packagesIn(text: string, place: { database: string; path: string }): Generator<Detection> {
  let fields = new Map<string, string>();
  let number = 0;
  for (const line of linesOf(text)) {
    const key = line.charAt(0);
    if (line.trim() === '' || (key === 'P' && fields.has('P'))) {
      if (fields.size > 0) yield recordOf(fields, ++number, place);
      fields = new Map();
    }
    if (WANTED.includes(key) && line.charAt(1) === ':') fields.set(key, line.slice(2).trim());
  }
  if (fields.size > 0) yield recordOf(fields, ++number, place);
  if (number === 0 && text.trim() !== '') {
    yield { found: 'problem', where: place.path, reason: 'no apk database: it has no record of a package' };
  }
}

/** The files of all packages: `F:` is a directory, and each `R:` after it a file in it. */
function* filesIn(text: string): Generator<string> {
  let folder = '';
  for (const line of linesOf(text)) {
    if (line.startsWith('F:')) folder = line.slice(2);
    else if (line.startsWith('R:')) yield folder === '' ? line.slice(2) : `${folder}/${line.slice(2)}`;
    else if (line === '') folder = '';
  }
}

/** P: name, V: version, A: architecture, o: origin, the source package. */
const WANTED = 'PVAo';

function recordOf(
  fields: ReadonlyMap<string, string>,
  number: number,
  place: { database: string; path: string },
): Detection {
  const [name = '', version = '', arch = '', origin = ''] = [...WANTED].map((key) => fields.get(key));
  if (name === '' || version === '') {
    const reason = `record ${number} (${name.slice(0, 100)}) has no ${name === '' ? 'name' : 'version'}`;
    return { found: 'problem', where: place.path, reason };
  }
  if (
    name.length > MAX_VALUE ||
    version.length > MAX_VALUE ||
    arch.length > MAX_VALUE ||
    origin.length > MAX_VALUE
  ) {
    const reason = `record ${number} (${name.slice(0, 100)}) has a value of over ${MAX_VALUE} characters`;
    return { found: 'problem', where: place.path, reason };
  }
  return {
    found: 'package',
    package: {
      name,
      version,
      kind: 'binary',
      // All packages of an origin are built at once, and so have its version.
      // differs: not the version of the first package with that origin (clair-indexing.md#sources-of-packages)
      ...(origin === '' ? {} : { source: { name: origin, version } }),
      ...(arch === '' ? {} : { arch }),
      ...place,
    },
  };
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end === -1 ? text.length : end);
    start = end === -1 ? text.length : end + 1;
  }
}
