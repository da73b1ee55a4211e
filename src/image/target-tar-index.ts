/** Where the members of an uncompressed tar archive lie, so that layers can be read from it in place (POSIX pax, GNU tar). */
import type { FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { AppError } from '../errors.ts';

export interface Member {
  readonly offset: number;
  readonly size: number;
}

/** Members by clean relative path; a later one replaces an earlier one. */
export interface TarIndex {
  readonly files: ReadonlyMap<string, Member>;
  /** Symbolic and hard links: to which path. */
  readonly links: ReadonlyMap<string, string>;
}

const BLOCK = 512;
const ENTRIES_LIMIT = 200_000;
/** For long names and pax records. */
const RECORD_LIMIT = 1024 * 1024;

/** Walks the headers of the archive of `size` bytes behind `handle`; `name` is for messages. Throws `bad-target`. */
export async function indexTar(
  handle: FileHandle,
  size: number,
  name: string,
  signal: AbortSignal,
): Promise<TarIndex> {
  const files = new Map<string, Member>();
  const links = new Map<string, string>();
  const bad = (what: string) => new AppError('bad-target', `${name} is not a readable tar archive: ${what}`);
  const block = Buffer.alloc(BLOCK);
  let pending: Overrides = {};
  let at = 0;
  for (let count = 0; at + BLOCK <= size; count++) {
    if (count === ENTRIES_LIMIT) throw bad(`more than ${ENTRIES_LIMIT} entries`);
    if (count % 256 === 0) signal.throwIfAborted();
    await handle.read(block, 0, BLOCK, at);
    if (isZero(block)) return { files, links };
    if (!hasChecksum(block)) throw bad(`no header at byte ${at}`);
    const type = String.fromCharCode(block[156]!);
    const written = numberAt(block, 124, 12);
    // POSIX pax: its size is that of the member, whatever the header says.
    const length = 'xgLK'.includes(type) ? written : (pending.size ?? written);
    const start = at + BLOCK;
    if (!Number.isSafeInteger(length) || length < 0 || start + length > size) {
      throw bad(`the member at byte ${at} goes beyond the end: the archive is cut off`);
    }
    at = start + Math.ceil(length / BLOCK) * BLOCK;

    if ('xLK'.includes(type)) {
      if (length > RECORD_LIMIT) throw bad(`a header of ${length} bytes at byte ${start}`);
      const record = Buffer.alloc(length);
      await handle.read(record, 0, length, start);
      if (type === 'x') pending = { ...pending, ...paxOverrides(record) };
      else pending = { ...pending, [type === 'L' ? 'path' : 'link']: textOf(record) };
      continue;
    }
    if (type === 'g') continue;
    const path = clean(pending.path ?? headerPath(block));
    const link = pending.link ?? textOf(block.subarray(157, 257));
    pending = {};
    if (type === '0' || type === '\0' || type === '7') {
      links.delete(path);
      files.set(path, { offset: start, size: length });
    } else if (type === '2' || type === '1') {
      files.delete(path);
      links.set(path, clean(type === '2' ? posix.join(posix.dirname(path), link) : link));
    }
  }
  if (at < size) throw bad(`it is cut off at byte ${at}`);
  return { files, links };
}

interface Overrides {
  path?: string;
  link?: string;
  size?: number;
}

function paxOverrides(record: Buffer): Overrides {
  const overrides: Overrides = {};
  for (let at = 0; at < record.length; ) {
    const space = record.indexOf(0x20, at);
    const length = space < 0 ? 0 : Number(record.toString('latin1', at, space));
    if (!Number.isInteger(length) || length < space - at + 3 || at + length > record.length) break;
    const [key, ...rest] = record.toString('utf8', space + 1, at + length - 1).split('=');
    const value = rest.join('=');
    if (key === 'path') overrides.path = value;
    else if (key === 'linkpath') overrides.link = value;
    else if (key === 'size' && /^\d{1,16}$/.test(value)) overrides.size = Number(value);
    at += length;
  }
  return overrides;
}

function headerPath(block: Buffer): string {
  const path = textOf(block.subarray(0, 100));
  // Only POSIX has a prefix there; GNU has times.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textOf(block.subarray(345, 500)) : '';
  return prefix === '' ? path : `${prefix}/${path}`;
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function clean(path: string): string {
  return posix.normalize(`/${path}`).slice(1).replace(/\/$/, '');
}

/** Octal text, or big-endian bytes after a first bit of 1 (GNU, star). */
function numberAt(block: Buffer, offset: number, length: number): number {
  if (block[offset]! & 0x80) {
    let value = block[offset]! & 0x7f;
    for (const byte of block.subarray(offset + 1, offset + length)) value = value * 256 + byte;
    return value;
  }
  const text = textOf(block.subarray(offset, offset + length)).trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text || '0', 8) : Number.NaN;
}

function hasChecksum(block: Buffer): boolean {
  let sum = 8 * 0x20;
  for (let index = 0; index < BLOCK; index++) if (index < 148 || index >= 156) sum += block[index]!;
  return numberAt(block, 148, 8) === sum;
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}
