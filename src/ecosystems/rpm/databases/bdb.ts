/**
 * Reads the headers in a Berkeley DB hash file, rpm's `Packages` before 4.16. Page by page as they lie, not bucket by
 * bucket: every pair is in one hash page, a damaged chain loses nothing, and a chain in a circle is no circle.
 */
import type { FileBytes } from '../../../formats/file-bytes.ts';
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
  readonly u16: (page: Buffer, offset: number) => number;
  readonly u32: (page: Buffer, offset: number) => number;
}

interface HashFile extends Numbers {
  readonly size: number;
  readonly page: (number: number) => Buffer;
  readonly pageSize: number;
  readonly pages: number;
  /** Overflow pages that may still be read: each belongs to one header, but one that is damaged may point into others. */
  budget: number;
}

/** Whether this is a hash file of Berkeley DB, in either byte order. */
export function isBdb(file: FileBytes): boolean {
  return file.size >= META_SIZE && numbersOf(file.part(0, META_SIZE)) !== undefined;
}

/** The headers in `source`, for which `isBdb` holds. */
export function* readBdb(source: FileBytes): Generator<HeaderBlob> {
  const { size } = source;
  const meta = source.part(0, META_SIZE);
  const numbers = numbersOf(meta)!;
  const pageSize = numbers.u32(meta, META.pageSize);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    yield { record: 'page 0', reason: `a page size of ${pageSize} is none of Berkeley DB` };
    return;
  }
  if (meta[META.encryption] !== 0) {
    yield { record: 'page 0', reason: 'the database is encrypted' };
    return;
  }
  const pages = Math.floor(size / pageSize);
  const expected = numbers.u32(meta, META.lastPage) + 1;
  if (expected > pages)
    yield { record: `page ${pages}`, reason: `the file ends before its ${expected} pages` };
  const pageAt = (number: number) => source.part(number * pageSize, pageSize);
  const file: HashFile = { ...numbers, size, page: pageAt, pageSize, pages, budget: 4 * pages };
  let pairs = 0;
  let hashPages = 0;
  for (let page = 1; page < pages; page += 1) {
    const bytes = pageAt(page);
    if (!HASH_PAGES.has(bytes[PAGE.type]!)) continue;
    hashPages += 1;
    pairs += yield* readHashPage(file, page, bytes);
  }
  // Also an empty database has a page for its first bucket.
  if (hashPages === 0) yield { record: 'the file', reason: 'it has no page of packages' };
  const written = numbers.u32(meta, META.pairs);
  if (pairs < written)
    yield { record: 'the file', reason: `${written - pairs} of ${written} records are lost` };
}

function numbersOf(meta: Buffer): Numbers | undefined {
  if (meta.readUInt32LE(META.magic) === HASH_MAGIC) {
    return {
      u16: (page, offset) => page.readUInt16LE(offset),
      u32: (page, offset) => page.readUInt32LE(offset),
    };
  }
  if (meta.readUInt32BE(META.magic) === HASH_MAGIC) {
    return {
      u16: (page, offset) => page.readUInt16BE(offset),
      u32: (page, offset) => page.readUInt32BE(offset),
    };
  }
  return undefined;
}

/** The pairs of a page: a key, which is rpm's number of the package, and its header. Returns how many there are. */
function* readHashPage(file: HashFile, page: number, bytes: Buffer): Generator<HeaderBlob, number> {
  const entries = file.u16(bytes, PAGE.entries);
  if (PAGE.items + 2 * entries > file.pageSize || file.u32(bytes, PAGE.number) !== page) {
    yield { record: `page ${page}`, reason: 'the page is damaged' };
    return 0;
  }
  for (let index = 0; index < entries; index += 2) {
    const record = `page ${page}, entry ${index}`;
    const key = itemAt(file, bytes, index, entries);
    const value = index + 1 < entries ? itemAt(file, bytes, index + 1, entries) : undefined;
    if (key === undefined || value === undefined) {
      yield { record, reason: 'the entry lies outside of its page' };
    } else if (!isCounter(key)) {
      yield { record, ...headerOf(file, value) };
    }
  }
  return Math.ceil(entries / 2);
}

/** An item with its type byte. Items fill a page from its end: each reaches to where the one before begins. */
function itemAt(file: HashFile, page: Buffer, index: number, entries: number): Buffer | undefined {
  const from = file.u16(page, PAGE.items + 2 * index);
  const to = index === 0 ? file.pageSize : file.u16(page, PAGE.items + 2 * (index - 1));
  if (from < PAGE.items + 2 * entries || from >= to || to > file.pageSize) return undefined;
  return page.subarray(from, to);
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
  return readOverflow(file, file.u32(item, OFF_PAGE.page), file.u32(item, OFF_PAGE.length));
}

/** What is too long for a page lies in a chain of pages of its own. */
function readOverflow(file: HashFile, first: number, length: number): Omit<HeaderBlob, 'record'> {
  if (length > Math.min(file.size, MAX_HEADER)) return { reason: `a header of ${length} bytes` };
  const pieces: Buffer[] = [];
  const seen = new Set<number>();
  let have = 0;
  for (let page = first; have < length; ) {
    const bytes = page === 0 || page >= file.pages ? undefined : file.page(page);
    if (bytes === undefined || bytes[PAGE.type] !== OVERFLOW) {
      return { reason: `the header ends after ${have} of ${length} bytes` };
    }
    if (seen.has(page)) return { reason: `the pages of the header go in circles at page ${page}` };
    if (file.budget-- <= 0) return { reason: 'too many headers share their pages' };
    seen.add(page);
    const used = file.u16(bytes, PAGE.used);
    if (used === 0 || used > file.pageSize - PAGE.items) return { reason: `page ${page} is damaged` };
    pieces.push(bytes.subarray(PAGE.items, PAGE.items + used));
    have += used;
    page = file.u32(bytes, PAGE.next);
  }
  if (have > length) {
    return {
      blob: Buffer.concat(pieces, length),
      reason: `the header has ${have} bytes instead of ${length}`,
    };
  }
  return { blob: Buffer.concat(pieces, length) };
}
