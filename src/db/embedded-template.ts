/**
 * A cluster as `initdb` makes it, packed beside the programs of the server: the next data directory is a copy of it. It is as
 * trustworthy as they are: who can write there could replace `initdb` as well.
 */
import { hash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { RunAs } from './embedded-places.ts';

/** Of the file itself. */
const FORMAT = 1;
/** Most bytes of a packed cluster; it is 40 MB. */
const MOST = 256 * 1024 ** 2;
const PACKED = {
  [zlib.ZSTD_c_compressionLevel]: 1,
  // Three databases in it are the same, some MB apart.
  [zlib.ZSTD_c_enableLongDistanceMatching]: 1,
  [zlib.ZSTD_c_windowLog]: 26,
  // A file that a crash of the machine cut short is not used.
  [zlib.ZSTD_c_checksumFlag]: 1,
};
/** Names below the cluster: none leads out of it. */
const NAME = /^[A-Za-z0-9_]+(?:[./-][A-Za-z0-9_]+)*$/;

/** A directory (no `size`) or a file, in the order in which they can be made. */
interface Entry {
  readonly path: string;
  readonly size?: number;
}

/** Where the clusters are packed that this very `postgres` makes with these arguments of initdb. */
export function templatePath(postgres: string, args: readonly string[]): string {
  const { size, mtimeMs } = statSync(postgres);
  const key = hash('sha256', JSON.stringify([FORMAT, size, mtimeMs, process.platform, process.arch, args]));
  return join(dirname(dirname(dirname(postgres))), `cluster-${key.slice(0, 16)}.zst`);
}

/**
 * Fills the empty directory `folder` of this process, and gives it to `runAs`. false: there is no template, or it cannot be
 * used, and the directory is empty again; one that is damaged is removed.
 */
export function unpackTemplate(path: string, folder: string, runAs: RunAs | undefined): boolean {
  if (!existsSync(path)) return false;
  try {
    const packed = zstdDecompressSync(readFileSync(path), { maxOutputLength: MOST });
    const end = packed.indexOf('\n');
    const entries = readEntries(packed.toString('utf8', 0, end));
    let at = end + 1;
    for (const { path: name, size } of entries) {
      const own = join(folder, name);
      if (size === undefined) mkdirSync(own, { mode: 0o700 });
      else writeFileSync(own, packed.subarray(at, (at += size)), { mode: 0o600, flag: 'wx' });
    }
    if (at !== packed.length) throw new Error('its length is another');
    if (runAs !== undefined) give(folder, entries, runAs);
    return true;
  } catch {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    try {
      rmSync(path, { force: true });
    } catch {} // somebody else's: it is read again the next time, and left again
    return false;
  }
}

/** Packs the cluster in `folder`, which belongs to `runAs`, unless the place of the programs cannot be written to. */
export function packTemplate(path: string, folder: string, runAs: RunAs | undefined): void {
  const unfinished = `${path}.new-${process.pid}`;
  let file: number;
  try {
    file = openSync(unfinished, 'wx', 0o644);
  } catch {
    return;
  }
  const entries: Entry[] = [];
  try {
    const contents = [...walk(folder, '', runAs, entries)];
    const head = Buffer.from(`${JSON.stringify(entries)}\n`);
    writeFileSync(file, zstdCompressSync(Buffer.concat([head, ...contents]), { params: PACKED }));
    renameSync(unfinished, path);
  } catch {
    rmSync(unfinished, { force: true }); // a full disk: the cluster itself is there
  } finally {
    closeSync(file);
    if (runAs !== undefined) give(folder, entries, runAs);
  }
}

/**
 * The contents of files below `folder`; `entries` gets what they are. Root takes each directory before it looks at what is in
 * there: from then on its owner can put no link in its way.
 */
function* walk(
  folder: string,
  prefix: string,
  runAs: RunAs | undefined,
  entries: Entry[],
): Generator<Buffer> {
  if (runAs !== undefined) lchownSync(folder, 0, 0);
  for (const name of readdirSync(folder).sort()) {
    const own = join(folder, name);
    const path = prefix + name;
    if (lstatSync(own).isDirectory()) {
      entries.push({ path });
      yield* walk(own, `${path}/`, runAs, entries);
      continue;
    }
    const fd = openSync(own, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = fstatSync(fd);
      if (!found.isFile() || found.nlink !== 1 || found.size > MOST)
        throw new Error(`${path} is not a plain file with one name`);
      const content = readFileSync(fd);
      entries.push({ path, size: content.length });
      yield content;
    } finally {
      closeSync(fd);
    }
  }
}

/** From within: as long as `folder` is root's, nobody else gets to what is in it. */
function give(folder: string, entries: readonly Entry[], { uid, gid }: RunAs): void {
  for (const { path } of entries.toReversed()) lchownSync(join(folder, path), uid, gid);
  lchownSync(folder, uid, gid);
}

function readEntries(text: string): Entry[] {
  const entries = JSON.parse(text) as Entry[];
  const isFit = ({ path, size }: Entry): boolean =>
    NAME.test(path) && (size === undefined || (Number.isSafeInteger(size) && size >= 0));
  if (!Array.isArray(entries) || !entries.every(isFit)) throw new Error('an entry that is none');
  return entries;
}
