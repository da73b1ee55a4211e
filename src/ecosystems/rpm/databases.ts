/** Finds what rpm has installed: its database, in any of its three formats, wherever it is. */
import { posix } from 'node:path';
import type { Detection, Detector, Entry, LayerFile, LayerView } from '../../contract/detector.ts';
import { messageOf } from '../../errors.ts';
import type { FileBytes } from '../../formats/file-bytes.ts';
import { isSqlite } from '../../formats/sqlite/file.ts';
import { withWal } from '../../formats/sqlite/wal.ts';
import type { Repository } from '../../model/package.ts';
import { isBdb, readBdb } from './databases/bdb.ts';
import { readHeader } from './databases/header.ts';
import type { DatabaseFormat, HeaderBlob } from './databases/header-blob.ts';
import { isNdb, readNdb } from './databases/ndb.ts';
import { ownedByRpm } from './databases/owned-files.ts';
import { packageOf } from './databases/package.ts';
import { readSqlite } from './databases/sqlite.ts';
import { epelRepositoryOf } from './scopes/epel.ts';

/** From which repository a package is, if anything of its layer says so. */
export type HintOf = (name: string, version: string, arch: string) => string | undefined;

/** What else of a layer says of its packages from where they are. */
export interface RepositoryHints {
  /** Whether an entry may say it. */
  readonly wants: (entry: Entry) => boolean;
  /** What cannot be read is added to `problems`. */
  readonly hintsOf: (layer: LayerView, problems: Detection[]) => HintOf;
}

interface Reader {
  readonly format: DatabaseFormat;
  /** By the first bytes: other things have such names too. */
  readonly is: (file: FileBytes) => boolean;
  readonly read: (file: FileBytes) => Iterable<HeaderBlob>;
}

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['Packages', { format: 'bdb', is: isBdb, read: readBdb }],
  ['Packages.db', { format: 'ndb', is: isNdb, read: readNdb }],
  ['rpmdb.sqlite', { format: 'sqlite', is: isSqlite, read: readSqlite }],
]);

/** Where distributions keep it: here a file of such a name is meant to be one. */
const USUAL = new Set(['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm']);

/** What SQLite has not yet put into its file. */
const WAL = 'rpmdb.sqlite-wal';

const WANTED = new Set([...READERS.keys(), WAL]);

/** Records that cannot be read and are told one by one; a destroyed file has thousands. */
const MAX_PROBLEMS = 20;

/** rpm's docs/manual/tags.md: who has made a package. */
const VENDOR = 1011;

/** Records of one database; all packages that a distribution has are a quarter of it. */
const MAX_RECORDS = 200_000;

/** The detector `rpm` of Clair. */
export function rpmDatabases(hints: RepositoryHints): Detector {
  return {
    id: 'rpm',
    revision: '13',
    kind: 'package',
    wants: (entry) =>
      (WANTED.has(nameOf(entry.path)) && entry.type !== 'directory' && entry.type !== 'other') ||
      hints.wants(entry),
    *read(layer: LayerView): Generator<Detection> {
      const unread: Detection[] = [];
      const hintOf = hints.hintsOf(layer, unread);
      for (const file of layer.files) {
        const reader = READERS.get(nameOf(file.path));
        if (reader !== undefined) yield* readDatabase(layer, file, reader, hintOf);
      }
      yield* unread;
    },
    // differs: files anywhere, not only in the places that Clair asks for, and never those of other vendors (clair-indexing.md#rpm-databases)
    owns: (layer, paths) => ownedByRpm(layer, headersIn(layer), paths),
  };
}

/** The headers of all databases, what of them can be read. */
function* headersIn(layer: LayerView): Generator<Buffer> {
  for (const file of layer.files) {
    const reader = READERS.get(nameOf(file.path));
    if (reader === undefined) continue;
    try {
      if (!reader.is(file)) continue;
      for (const { blob } of blobsOf(layer, file, reader)) if (blob !== undefined) yield blob;
    } catch {
      // Told where its packages are read.
    }
  }
}

/** The records of a database, with what SQLite has not yet put into its file. */
function blobsOf(layer: LayerView, file: LayerFile, { format, read }: Reader): Iterable<HeaderBlob> {
  const wal = format === 'sqlite' ? layer.file(posix.join(posix.dirname(file.path), WAL)) : undefined;
  return read(wal === undefined ? file : withWal(file, wal));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function* readDatabase(
  layer: LayerView,
  file: LayerFile,
  reader: Reader,
  hintOf: HintOf,
): Generator<Detection> {
  const folder = posix.dirname(file.path);
  const { format, is } = reader;
  const place = { database: `${format}:${folder}`, path: file.path };
  const problems = problemsOf(file.path);
  const beside = new Map<string, Repository>();
  let records = 0;
  let headers = 0;
  try {
    if (!is(file)) {
      if (USUAL.has(folder)) yield* problems.one('', `it is no ${format} database of rpm`);
      return;
    }
    for (const { record, blob, reason } of blobsOf(layer, file, reader)) {
      records += 1;
      if (records > MAX_RECORDS) {
        yield* problems.always(`the records after the first ${MAX_RECORDS} are not read`);
        break;
      }
      if (reason !== undefined) yield* problems.one(record, reason);
      if (blob === undefined) continue;
      headers += 1;
      yield* readPackage(blob, place, hintOf, beside, (why) => problems.one(record, why));
    }
  } catch (error) {
    yield* problems.one('', messageOf(error));
  }
  for (const repository of beside.values()) yield { found: 'repository', repository };
  // Nobody knows what a database has that cannot be read: what lower layers have stays in the report.
  // differs: an emptied database has no packages any more (clair-indexing.md#emptied-databases)
  if (headers > 0 || problems.count() === 0) yield { found: 'database', ...place };
  yield* problems.rest();
}

/** The problems of the file at `path`, of which only so many are told one by one. */
function problemsOf(path: string) {
  let count = 0;
  return {
    count: () => count,
    one(record: string, reason: string): Detection[] {
      count += 1;
      const where = record === '' ? path : `${path}: ${record}`;
      return count > MAX_PROBLEMS ? [] : [{ found: 'problem', where, reason }];
    },
    always: (reason: string): Detection[] => [{ found: 'problem', where: path, reason }],
    rest(): Detection[] {
      const more = count - MAX_PROBLEMS;
      return more > 0 ? [{ found: 'problem', where: path, reason: `${more} more records are damaged` }] : [];
    },
  };
}

// differs: a header that cannot be read loses only itself (clair-indexing.md#one-bad-record)
function* readPackage(
  blob: Buffer,
  place: { readonly database: string; readonly path: string },
  hintOf: HintOf,
  beside: Map<string, Repository>,
  problem: (reason: string) => Detection[],
): Generator<Detection> {
  try {
    const header = readHeader(blob);
    if (header.damage !== undefined) yield* problem(header.damage);
    const found = packageOf(header);
    if (found === undefined) return;
    const epel = epelRepositoryOf(header.text(VENDOR) ?? '', found.version);
    if (epel !== undefined) beside.set(epel.uri, epel);
    const hint = epel?.uri ?? hintOf(found.name, found.version, found.arch ?? '');
    yield { found: 'package', package: { ...found, ...place, ...(hint === undefined ? {} : { hint }) } };
  } catch (error) {
    yield* problem(messageOf(error));
  }
}
