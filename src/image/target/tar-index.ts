/** Where the members of an uncompressed tar archive lie, so that layers can be read from it in place. */
import type { FileHandle } from 'node:fs/promises';
import { posix } from 'node:path';
import { AppError, messageOf } from '../../errors.ts';
import { cleanPath } from '../tar/clean-path.ts';
import { decodeName } from '../tar/decode-name.ts';
import { BLOCK, isZeroBlock, readTarHeader, type TarHeader, untilNul } from '../tar/header.ts';
import { readPax } from '../tar/pax.ts';

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

const ENTRIES_LIMIT = 200_000;
/** For long names and pax records. */
const RECORD_LIMIT = 1024 * 1024;

/** What a file is that is no tar archive, and what to do with it: by its first bytes as Latin-1. */
const IN_DIRECTORY = 'put it into a directory and scan that: dir:PATH';
const OTHERS: readonly (readonly [begins: RegExp, what: string, remedy: string])[] = [
  [/^\xfd7zXZ\0/, 'it is compressed with xz', 'decompress it first (xz -d)'],
  [/^BZh[1-9]/, 'it is compressed with bzip2', 'decompress it first (bzip2 -d)'],
  [/^PK\x03\x04/, 'it is a ZIP archive', IN_DIRECTORY],
  [/^(?:\x7fELF|MZ|#!)/, 'it is a program', IN_DIRECTORY],
];

/** What records say of the entry that follows them. */
interface Overrides {
  readonly path?: Buffer;
  readonly linkpath?: Buffer;
  readonly size?: number;
}

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
  const { bytesRead } = await handle.read(block, 0, BLOCK, 0);
  const head = block.toString('latin1', 0, Math.min(bytesRead, 8));
  const [, what, remedy] = OTHERS.find(([begins]) => begins.test(head)) ?? [];
  if (what !== undefined) throw bad(`${what}: ${remedy}`);
  let pending: Overrides = {};
  let at = 0;
  for (let count = 0; at + BLOCK <= size; count++) {
    if (count === ENTRIES_LIMIT) throw bad(`more than ${ENTRIES_LIMIT} entries`);
    if (count % 256 === 0) signal.throwIfAborted();
    await handle.read(block, 0, BLOCK, at);
    if (isZeroBlock(block)) return { files, links };
    const header = headerAt(block, at, bad);
    const { flag } = header;
    // POSIX pax: its size is that of the member, whatever the member's header says.
    const length = 'xgLK'.includes(flag) ? header.size : (pending.size ?? header.size);
    const start = at + BLOCK;
    if (start + length > size) {
      throw bad(`the member at byte ${at} exceeds the archive: it is truncated`);
    }
    at = start + Math.ceil(length / BLOCK) * BLOCK;

    if (flag === 'g') continue;
    if (flag === 'x' || flag === 'L' || flag === 'K') {
      if (length > RECORD_LIMIT) throw bad(`a header of ${length} bytes at byte ${start}`);
      const record = Buffer.alloc(length);
      await handle.read(record, 0, length, start);
      if (flag === 'L') pending = { ...pending, path: untilNul(record) };
      else if (flag === 'K') pending = { ...pending, linkpath: untilNul(record) };
      else {
        const records = readPax(record, 0);
        // The map of a sparse file is of no use to who reads its bytes in place.
        if (records === undefined || records.sparse) throw bad(`unusable pax records at byte ${start}`);
        pending = { ...pending, ...records };
      }
      continue;
    }
    const path = cleanPath(pending.path ? decodeName(pending.path) : header.name);
    const link = pending.linkpath ? decodeName(pending.linkpath) : header.link;
    pending = {};
    if (flag === '0' || flag === '7') {
      links.delete(path);
      files.set(path, { offset: start, size: length });
    } else if (flag === '2' || flag === '1') {
      files.delete(path);
      links.set(path, cleanPath(flag === '2' ? posix.join(posix.dirname(path), link) : link));
    }
  }
  if (at < size) throw bad(`it is truncated at byte ${at}`);
  return { files, links };
}

function headerAt(block: Buffer, offset: number, bad: (what: string) => AppError): TarHeader {
  try {
    return readTarHeader(block, 0, offset);
  } catch (error) {
    throw bad(messageOf(error));
  }
}
