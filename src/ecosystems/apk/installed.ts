/** Finds packages in the database of apk, which lists what is installed: apk-package(5), index format. */

import type { Detection, Detector, LayerFile, LayerView, OwnedFile } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import { listedPaths } from '../../formats/os/owned-paths.ts';
import {
  CUT_IN_LINE,
  endsInLine,
  linesIn,
  MOST_PACKAGES,
  MOST_TEXT,
  textLines,
} from '../../formats/os/text-lines.ts';

const DATABASE = 'lib/apk/db/installed';
// differs: read too, for layers in which `lib` is not the link to `usr/lib` that a lower one has (clair-indexing.md#alpine-packages)
const MERGED_DATABASE = 'usr/lib/apk/db/installed';

/** Names and versions of real packages have under 100 characters. */
const MAX_VALUE = 1024;

/** Packages installed by apk. */
export const installed: Detector = {
  id: 'apk',
  revision: 'v0.0.3',
  kind: 'package',
  paths: [DATABASE, MERGED_DATABASE],
  *read(layer) {
    for (const { database, file } of databasesIn(layer)) {
      const found = [...packagesOf(file, database)];
      // What cannot be read does not replace what a lower layer's database says.
      if (found.some((item) => item.found === 'package') || found.length === 0) {
        yield { found: 'database', database, path: file.path };
      }
      yield* found;
    }
  },
  // differs: files that apk packages own are not reported as language packages; Clair does that for RPM only (clair-indexing.md#rpm-databases)
  *owns(layer, paths) {
    const listed = listedPaths(layer, paths);
    for (const { database, file } of databasesIn(layer)) {
      const bytes = file.start(MOST_TEXT);
      if (!packagesIn(bytes, { database, path: file.path }).some(({ found }) => found === 'package'))
        continue;
      for (const { path, maker } of filesIn(bytes)) {
        const found = listed.get(path);
        if (found !== undefined) yield { path: found, maker };
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
  return a.path === b.path || (a.size === b.size && a.start(MOST_TEXT).equals(b.start(MOST_TEXT)));
}

/** The packages of a database, up to what is read of it, and what is not. */
function* packagesOf(file: LayerFile, database: string): Generator<Detection> {
  const { path, size } = file;
  const problem = (reason: string): Detection => ({ found: 'problem', where: path, reason });
  try {
    let count = 0;
    const bytes = file.start(MOST_TEXT);
    for (const found of packagesIn(bytes, { database, path })) {
      if (++count > MOST_PACKAGES)
        throw new RangeError(`the records after the first ${MOST_PACKAGES} are not read`);
      yield found;
    }
    if (size <= MOST_TEXT && endsInLine(bytes)) yield problem(CUT_IN_LINE);
  } catch (error) {
    yield problem(messageOf(error));
  }
  if (size > MOST_TEXT)
    yield problem(`file of ${size} bytes: those after the first ${MOST_TEXT} are not read`);
}

/** Records end at a blank line; each line is a letter, a colon and the value. */
// differs: the last record counts even if no blank line follows (clair-indexing.md#alpine-packages)
function* packagesIn(bytes: Buffer, place: { database: string; path: string }): Generator<Detection> {
  let fields = new Map<string, string>();
  let number = 0;
  let isEmpty = true;
  for (const { start, end } of linesIn(bytes)) {
    const key = String.fromCharCode(bytes[start] ?? NEWLINE);
    const isBlank = end - start < MAX_BLANK && bytes.toString('utf8', start, end).trim() === '';
    isEmpty &&= isBlank;
    if (isBlank || (key === 'P' && fields.has('P'))) {
      if (fields.size > 0) yield recordOf(fields, ++number, place);
      fields = new Map();
    }
    if (isBlank || !WANTED.includes(key) || bytes[start + 1] !== COLON) continue;
    // One more than is allowed: it is told.
    fields.set(key, bytes.toString('utf8', start + 2, Math.min(end, start + 4 * MAX_VALUE)).trim());
  }
  if (fields.size > 0) yield recordOf(fields, ++number, place);
  if (number === 0 && !isEmpty) {
    yield { found: 'problem', where: place.path, reason: 'no apk database: it has no record of a package' };
  }
}

const NEWLINE = 0x0a;
const COLON = 0x3a;
/** A line of nothing but so many blanks ends a record; apk writes none. */
const MAX_BLANK = 16;

/** Makers that build packages of their own; Alpine's maintainers have addresses of all kinds. */
const FOREIGN =
  /@(?:[\w-]+\.)*(?:nginx\.(?:com|org)|f5\.com|openresty\.(?:com|org)|postgresql\.org|mariadb\.(?:com|org))>?\s*$/i;

/** The files of all packages: `F:` is a directory, and each `R:` after it a file in it. */
function* filesIn(bytes: Buffer): Generator<OwnedFile> {
  let folder = '';
  let maker: OwnedFile['maker'] = 'distribution';
  for (const line of textLines(bytes)) {
    if (line.startsWith('F:')) folder = line.slice(2);
    else if (line.startsWith('R:')) {
      yield { path: folder === '' ? line.slice(2) : `${folder}/${line.slice(2)}`, maker };
    } else if (line.startsWith('m:')) maker = FOREIGN.test(line) ? 'other' : 'distribution';
    else if (line === '') [folder, maker] = ['', 'distribution'];
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
