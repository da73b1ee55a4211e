/**
 * Reads the rows of tables straight from the pages of a SQLite file. Not by SQLite itself: it gives up a table at the
 * first damaged page, and foreign bytes can keep it busy without end. Here every page is read at most once.
 */
import { messageOf } from '../../errors.ts';
import type { FileBytes } from '../file-bytes.ts';
import { readRecord, readVarint, type SqliteValue } from './record.ts';

// sqlite.org/fileformat2.html; all numbers are big endian.
const MAGIC = 'SQLite format 3\0';
const FILE_HEADER = 100;
const INTERIOR_TABLE = 5;
const LEAF_TABLE = 13;

/** The longest row that is read, in bytes: rpm's headers of 100,000 files have 10 MiB. */
const MAX_ROW = 32 * 1024 * 1024;

/** A row, or what was met in place of some. */
export type SqliteRow =
  | { readonly row: bigint; readonly values: readonly SqliteValue[] }
  | { readonly page: number; readonly reason: string };

interface Pages {
  readonly size: number;
  /** Bytes of a page that are in use. */
  readonly usable: number;
  /** The page and that it is taken now; undefined if it is not there, or was taken before: pages have one owner. */
  take(page: number): Buffer | undefined;
}

export interface SqliteFile {
  /** The rows of the table named `name`; undefined if there is no such table. Once only. */
  table(name: string): Iterable<SqliteRow> | undefined;
  /** What of the list of tables could not be read. */
  readonly damage: readonly string[];
}

/** Whether this is a file of SQLite. */
export function isSqlite(file: FileBytes): boolean {
  return file.size >= FILE_HEADER && file.part(0, MAGIC.length).toString('latin1') === MAGIC;
}

/** Opens `file`, for which `isSqlite` holds. Throws if its header makes no sense. */
export function openSqlite(file: FileBytes): SqliteFile {
  const pages = pagesOf(file);
  const roots = new Map<string, number>();
  const damage: string[] = [];
  // sqlite_schema(type, name, tbl_name, rootpage, sql) is the table at page 1.
  for (const entry of rowsOf(pages, 1)) {
    if ('reason' in entry) damage.push(`page ${entry.page}: ${entry.reason}`);
    else {
      const [type, name, , root] = entry.values;
      if (type === 'table' && typeof name === 'string' && typeof root === 'bigint') {
        roots.set(name, Number(root));
      }
    }
  }
  return {
    damage,
    table(name) {
      const root = roots.get(name);
      return root === undefined ? undefined : rowsOf(pages, root);
    },
  };
}

function pagesOf(file: FileBytes): Pages {
  const bytes = file.part(0, FILE_HEADER);
  const written = bytes.readUInt16BE(16);
  const size = written === 1 ? 65_536 : written;
  const usable = size - bytes[20]!;
  if (size < 512 || (size & (size - 1)) !== 0 || usable < 480) {
    throw new RangeError(`a page size of ${written} is none of SQLite`);
  }
  if (bytes.readUInt32BE(56) > 1) throw new RangeError('the database is not encoded in UTF-8');
  const taken = new Uint8Array(Math.floor(file.size / size) + 1);
  return {
    size,
    usable,
    take(page) {
      if (page < 1 || page >= taken.length || taken[page] === 1) return undefined;
      taken[page] = 1;
      return file.part((page - 1) * size, size);
    },
  };
}

/** The rows of the b-tree at `root`, from left to right. */
function* rowsOf(pages: Pages, root: number): Generator<SqliteRow> {
  const todo = [root];
  for (let page = todo.pop(); page !== undefined; page = todo.pop()) {
    const bytes = pages.take(page);
    const start = page === 1 ? FILE_HEADER : 0;
    const type = bytes?.[start];
    if (bytes === undefined || (type !== INTERIOR_TABLE && type !== LEAF_TABLE)) {
      yield {
        page,
        reason: bytes ? 'it is not a table page' : 'it is missing, or belongs to another object',
      };
      continue;
    }
    const cells = cellsOf(pages, bytes, start, type === LEAF_TABLE ? 8 : 12);
    if (cells === undefined) {
      yield { page, reason: 'the page is damaged' };
    } else if (type === INTERIOR_TABLE) {
      todo.push(bytes.readUInt32BE(start + 8));
      for (const at of cells.reverse()) if (at + 4 <= bytes.length) todo.push(bytes.readUInt32BE(at));
    } else {
      // Cells do not overlap, so that all of them are no longer than the page: more is damage, and would take long.
      let left = bytes.length;
      for (const at of cells) {
        const read = readRow(pages, page, bytes, at);
        left -= read.length;
        yield left < 0 ? { page, reason: 'its rows overlap' } : read.row;
        if (left < 0) break;
      }
    }
  }
}

/** Where the cells of a page are; undefined if it is damaged. */
function cellsOf({ usable }: Pages, bytes: Buffer, start: number, header: number): number[] | undefined {
  const count = bytes.readUInt16BE(start + 3);
  const array = start + header;
  if (array + 2 * count > bytes.length) return undefined;
  // dropCell() and zeroPage() of SQLite's btree.c: the contents of a page without cells begin at its end. 0 is 65536.
  if (count === 0 && (bytes.readUInt16BE(start + 5) || 65_536) !== usable) return undefined;
  return Array.from({ length: count }, (_, index) => bytes.readUInt16BE(array + 2 * index));
}

/** A cell of a leaf: length of the record, number of the row, the record, and where the rest of it is. */
function readRow(
  pages: Pages,
  page: number,
  bytes: Buffer,
  at: number,
): { readonly row: SqliteRow; readonly length: number } {
  try {
    const length = readVarint(bytes, at);
    const number = readVarint(bytes, length.end);
    const payload = readPayload(pages, bytes, number.end, Number(length.value));
    const row = { row: BigInt.asIntN(64, number.value), values: readRecord(payload) };
    return { row, length: number.end - at + localLength(pages, payload.length) };
  } catch (error) {
    return { row: { page, reason: messageOf(error) }, length: 0 };
  }
}

/** `length` bytes from `at`, of which those that do not fit are in a chain of pages of their own. */
function readPayload(pages: Pages, bytes: Buffer, at: number, length: number): Buffer {
  const { usable, take } = pages;
  if (length > MAX_ROW) throw new RangeError(`a row of ${length} bytes`);
  const local = localLength(pages, length);
  if (at + local + (local < length ? 4 : 0) > usable) throw new RangeError('a row lies outside of its page');
  if (local === length) return bytes.subarray(at, at + length);
  const pieces = [bytes.subarray(at, at + local)];
  let next = bytes.readUInt32BE(at + local);
  for (let have = local; have < length; have += usable - 4) {
    const page = take(next);
    if (page === undefined) throw new RangeError(`a row ends after ${have} of ${length} bytes`);
    pieces.push(page.subarray(4, usable));
    next = page.readUInt32BE(0);
  }
  return Buffer.concat(pieces, length);
}

/** How much of a record is in its cell. fileformat2.html, "Cell Payload Overflow Pages" */
function localLength({ usable }: Pages, length: number): number {
  const most = usable - 35;
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const rest = least + ((length - least) % (usable - 4));
  if (length <= most) return length;
  return rest <= most ? rest : least;
}
