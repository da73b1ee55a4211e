/**
 * A cluster as `initdb` makes it, packed beside the programs of the server: the next data directory is a copy of it. It is as
 * trustworthy as they are: who can write there could replace `initdb` as well.
 */
import { hash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { RunAs } from './embedded-places.ts';

/** Of the file itself. */
const FORMAT = 2;
/** Most bytes of a cluster; it is 50 MB. */
const MOST = 256 * 1024 ** 2;
/** Bytes that are decompressed at once. */
const PIECE = 1024 ** 2;
/** A template that no data directory was made of for so long is removed. */
const UNUSED_MS = 30 * 24 * 3600 * 1000;
const PACKED = {
  [zlib.ZSTD_c_compressionLevel]: 1,
  // Catalogs of its databases differ in a few pages.
  [zlib.ZSTD_c_enableLongDistanceMatching]: 1,
  [zlib.ZSTD_c_windowLog]: 24,
  // A file that a crash of the machine cut short is not used.
  [zlib.ZSTD_c_checksumFlag]: 1,
};
/** Names below the cluster: none leads out of it. */
const NAME = /^[A-Za-z0-9_]+(?:[./-][A-Za-z0-9_]+)*$/;

/** A directory or a file, in the order in which they can be made. */
interface Entry {
  readonly path: string;
  /** Of a file: where its content lies, and how many bytes of it there are. What is missing to its size is zeros. */
  readonly at?: number;
  readonly length?: number;
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
    const packed = zstdDecompressSync(readFileSync(path), { maxOutputLength: MOST, chunkSize: PIECE });
    const end = packed.indexOf('\n');
    const contents = packed.subarray(end + 1);
    const entries = readEntries(packed.toString('utf8', 0, end), contents.length);
    for (const entry of entries) {
      const own = join(folder, entry.path);
      if (entry.size === undefined) mkdirSync(own, { mode: 0o700 });
      else writeSparse(own, contents.subarray(entry.at, entry.at! + entry.length!), entry.size);
    }
    if (runAs !== undefined) give(folder, entries, runAs);
    noteUse(path);
    return true;
  } catch {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    try {
      rmSync(path, { force: true });
    } catch {} // somebody else's: it is read again the next time, and left again
    return false;
  }
}

function noteUse(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {} // somebody else's, who does not remove it either
}

/** Whether this process can write where the template lies. */
export function canPack(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    return true;
  } catch {
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
    const contents = new Contents();
    walk(folder, '', runAs, (path, content) => {
      entries.push(
        content === undefined ? { path } : { path, size: content.length, ...contents.add(content) },
      );
    });
    const head = Buffer.from(`${JSON.stringify(entries)}\n`);
    writeFileSync(file, zstdCompressSync(Buffer.concat([head, ...contents.parts]), { params: PACKED }));
    renameSync(unfinished, path);
    removeUnused(dirname(path));
  } catch {
    rmSync(unfinished, { force: true }); // a full disk: the cluster itself is there
  } finally {
    closeSync(file);
    if (runAs !== undefined) give(folder, entries, runAs);
  }
}

/** Those of earlier releases: the time of a template is that of its last use. */
function removeUnused(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isOld = /^cluster-[0-9a-f]{16}\.zst$/.test(name) && Date.now() - statSync(path).mtimeMs > UNUSED_MS;
    if (isOld) rmSync(path, { force: true });
  }
}

/** Each content once, without the zeros at its end: three databases in a cluster are nearly the same, and its log is nearly empty. */
class Contents {
  readonly parts: Buffer[] = [];
  readonly #known = new Map<string, { readonly at: number; readonly length: number }>();
  #end = 0;

  add(content: Buffer): { readonly at: number; readonly length: number } {
    let length = content.length;
    while (length > 0 && content[length - 1] === 0) length--;
    const part = content.subarray(0, length);
    const key = hash('sha256', part);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const place = { at: this.#end, length };
    this.#known.set(key, place);
    this.parts.push(part);
    this.#end += length;
    return place;
  }
}

function writeSparse(path: string, content: Buffer, size: number): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    if (content.length < size) ftruncateSync(file, size);
  } finally {
    closeSync(file);
  }
}

/**
 * Tells `found` of directories and of files with their contents below `folder`. Root takes each directory before it looks at what is in
 * there: from then on its owner can put no link in its way.
 */
function walk(
  folder: string,
  prefix: string,
  runAs: RunAs | undefined,
  found: (path: string, content?: Buffer) => void,
): void {
  if (runAs !== undefined) lchownSync(folder, 0, 0);
  for (const name of readdirSync(folder).sort()) {
    const own = join(folder, name);
    const path = prefix + name;
    if (lstatSync(own).isDirectory()) {
      found(path);
      walk(own, `${path}/`, runAs, found);
      continue;
    }
    const fd = openSync(own, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile() || stat.nlink !== 1 || stat.size > MOST)
        throw new Error(`${path} is not a plain file with one name`);
      found(path, readFileSync(fd));
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

function readEntries(text: string, most: number): Entry[] {
  const entries = JSON.parse(text) as Entry[];
  const isCount = (value: unknown, limit: number): boolean =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= limit;
  let sum = 0;
  const isFit = ({ path, at, length, size }: Entry): boolean => {
    if (!NAME.test(path)) return false;
    if (size === undefined) return true;
    return isCount((sum += size), MOST) && isCount(length, size) && isCount(at, most - length!);
  };
  if (!Array.isArray(entries) || !entries.every(isFit)) throw new Error('an entry that is none');
  return entries;
}
