/**
 * Reads the headers in a Berkeley DB hash file, rpm's `Packages` before 4.16. Page by page as they lie, not bucket by
 * bucket: every pair is in one hash page, a damaged chain loses nothing, and a chain in a circle is no circle.
 */
import { type HeaderBlob, MAX_HEADER } from './header-blob.ts';

// db_page.h of Berkeley DB: the generic metadata page, the header of any other page, and items of a hash page.
const HASH_MAGIC = 0x061561;
const META = { magic: 12, pageSize: 20, encryption: 24, lastPage: 32, pairs: 88 } as const;
const META_SIZE = 512;
const PAGE = { number: 8, next: 16, entries: 20, used: 22, type: 25, items: 26 } as const;
const OVERFLOW = 7;
const HASH_PAGES = new Set([2, 13]); // unsorted, as before 4.6, and sorted
const KEY_DATA = 1;
const OFF_PAGE = { type: 3, page: 4, length: 8, size: 12 } as const;

/** Numbers in the byte order of the machine that wrote them. */
interface Numbers {
  readonly u16: (offset: number) => number;
  readonly u32: (offset: number) => number;
}

interface HashFile extends Numbers {
  readonly bytes: Buffer;
  readonly pageSize: number;
  readonly pages: number;
  /** Overflow pages that may still be read: each belongs to one header, but one that is damaged may point into others. */
  budget: number;
}

/** Whether this is a hash file of Berkeley DB, in either byte order. */
export function isBdb(bytes: Buffer): boolean {
  return bytes.length >= META_SIZE && numbersOf(bytes) !== undefined;
}

/** The headers in `bytes`, for which `isBdb` holds. */
export function* readBdb(bytes: Buffer): Generator<HeaderBlob> {
  const numbers = numbersOf(bytes)!;
  const pageSize = numbers.u32(META.pageSize);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    yield { record: 'page 0', reason: `a page size of ${pageSize} is none of Berkeley DB` };
    return;
  }
  if (bytes[META.encryption] !== 0) {
    yield { record: 'page 0', reason: 'the database is encrypted' };
    return;
  }
  const pages = Math.floor(bytes.length / pageSize);
  const expected = numbers.u32(META.lastPage) + 1;
  if (expected > pages)
    yield { record: `page ${pages}`, reason: `the file ends before its ${expected} pages` };
  const file: HashFile = { ...numbers, bytes, pageSize, pages, budget: 4 * pages };
  let pairs = 0;
  let hashPages = 0;
  for (let page = 1; page < pages; page += 1) {
    if (!HASH_PAGES.has(bytes[page * pageSize + PAGE.type]!)) continue;
    hashPages += 1;
    pairs += yield* readHashPage(file, page);
  }
  // Also an empty database has a page for its first bucket.
  if (hashPages === 0) yield { record: 'the file', reason: 'it has no page of packages' };
  const written = numbers.u32(META.pairs);
  if (pairs < written)
    yield { record: 'the file', reason: `${written - pairs} of ${written} records are lost` };
}

function numbersOf(bytes: Buffer): Numbers | undefined {
  if (bytes.readUInt32LE(META.magic) === HASH_MAGIC) {
    return { u16: (offset) => bytes.readUInt16LE(offset), u32: (offset) => bytes.readUInt32LE(offset) };
  }
  if (bytes.readUInt32BE(META.magic) === HASH_MAGIC) {
    return { u16: (offset) => bytes.readUInt16BE(offset), u32: (offset) => bytes.readUInt32BE(offset) };
  }
  return undefined;
}

/** The pairs of a page: a key, which is rpm's number of the package, and its header. Returns how many there are. */
function* readHashPage(file: HashFile, page: number): Generator<HeaderBlob, number> {
  const start = page * file.pageSize;
  const entries = file.u16(start + PAGE.entries);
  if (PAGE.items + 2 * entries > file.pageSize || file.u32(start + PAGE.number) !== page) {
    yield { record: `page ${page}`, reason: 'the page is damaged' };
    return 0;
  }
  for (let index = 0; index < entries; index += 2) {
    const record = `page ${page}, entry ${index}`;
    const key = itemAt(file, page, index, entries);
    const value = index + 1 < entries ? itemAt(file, page, index + 1, entries) : undefined;
    if (key === undefined || value === undefined) {
      yield { record, reason: 'the entry lies outside of its page' };
    } else if (!isCounter(key)) {
      yield { record, ...headerOf(file, value) };
    }
  }
  return Math.ceil(entries / 2);
}

/** An item with its type byte. Items fill a page from its end: each reaches to where the one before begins. */
function itemAt(file: HashFile, page: number, index: number, entries: number): Buffer | undefined {
  const start = page * file.pageSize;
  const offsets = start + PAGE.items;
  const from = file.u16(offsets + 2 * index);
  const to = index === 0 ? file.pageSize : file.u16(offsets + 2 * (index - 1));
  if (from < PAGE.items + 2 * entries || from >= to || to > file.pageSize) return undefined;
  return file.bytes.subarray(start + from, start + to);
}

/** rpm keeps the highest number that it gave away under the number 0. */
function isCounter(key: Buffer): boolean {
  return key.length === 5 && key[0] === KEY_DATA && key.readUInt32LE(1) === 0;
}

function headerOf(file: HashFile, item: Buffer): Omit<HeaderBlob, 'record'> {
  if (item[0] === KEY_DATA) return { blob: item.subarray(1) };
  if (item[0] !== OFF_PAGE.type || item.length < OFF_PAGE.size) {
    return { reason: `an entry of type ${item[0]} is none of rpm` };
  }
  const at = item.byteOffset - file.bytes.byteOffset;
  return readOverflow(file, file.u32(at + OFF_PAGE.page), file.u32(at + OFF_PAGE.length));
}

/** What is too long for a page lies in a chain of pages of its own. */
function readOverflow(file: HashFile, first: number, length: number): Omit<HeaderBlob, 'record'> {
  if (length > Math.min(file.bytes.length, MAX_HEADER)) return { reason: `a header of ${length} bytes` };
  const pieces: Buffer[] = [];
  const seen = new Set<number>();
  let have = 0;
  for (let page = first; have < length; ) {
    const start = page * file.pageSize;
    if (page === 0 || page >= file.pages || file.bytes[start + PAGE.type] !== OVERFLOW) {
      return { reason: `the header ends after ${have} of ${length} bytes` };
    }
    if (seen.has(page)) return { reason: `the pages of the header go in circles at page ${page}` };
    if (file.budget-- <= 0) return { reason: 'too many headers share their pages' };
    seen.add(page);
    const used = file.u16(start + PAGE.used);
    if (used === 0 || used > file.pageSize - PAGE.items) return { reason: `page ${page} is damaged` };
    pieces.push(file.bytes.subarray(start + PAGE.items, start + PAGE.items + used));
    have += used;
    page = file.u32(start + PAGE.next);
  }
  if (have > length) {
    return {
      blob: Buffer.concat(pieces, length),
      reason: `the header has ${have} bytes instead of ${length}`,
    };
  }
  return { blob: Buffer.concat(pieces, length) };
}
