/** Reads the headers in rpm's own format, `Packages.db`: a table of slots, each with the place of a header. */
import type { FileBytes } from '../../../formats/file-bytes.ts';
import { type HeaderBlob, MAX_HEADER } from './header-blob.ts';

// rpm's lib/backend/ndb/rpmpkg.c; all numbers are little endian.
const MAGIC = 'RpmP';
const VERSION = 0;
const HEADER_SIZE = 32;
const PAGE_SIZE = 4096;
const SLOT_SIZE = 16;
const SLOT_MAGIC = 0x746f6c53; // 'Slot'
const BLOCK_SIZE = 16;
const BLOB_HEAD = 16;
const BLOB_TAIL = 12;
const MAX_AREA = MAX_HEADER + BLOB_HEAD + BLOB_TAIL + BLOCK_SIZE;

/** Whether this is such a database. */
export function isNdb(file: FileBytes): boolean {
  return file.size >= HEADER_SIZE && file.part(0, 4).toString('latin1') === MAGIC;
}

/** The headers in `file`, for which `isNdb` holds. */
export function* readNdb(file: FileBytes): Generator<HeaderBlob> {
  const head = file.part(0, HEADER_SIZE);
  const version = head.readUInt32LE(4);
  if (version !== VERSION) {
    yield { record: 'the file', reason: `version ${version} of the format is not known` };
    return;
  }
  const slotsEnd = head.readUInt32LE(12) * PAGE_SIZE;
  if (slotsEnd === 0) {
    // Also the table of an empty database has a page.
    yield { record: 'the file', reason: 'it has no table of packages' };
  } else if (slotsEnd > file.size) {
    yield { record: 'the file', reason: 'it ends within its table of packages' };
  }
  // Headers do not overlap, so that all of them are no longer than the file: more is damage, and would take long.
  let left = file.size;
  let page = file.part(0, PAGE_SIZE);
  for (let at = HEADER_SIZE; at + SLOT_SIZE <= Math.min(slotsEnd, file.size); at += SLOT_SIZE) {
    const slot = at % PAGE_SIZE;
    if (slot === 0) page = file.part(at, PAGE_SIZE);
    if (page.readUInt32LE(slot) !== SLOT_MAGIC) {
      yield { record: `slot ${at / SLOT_SIZE}`, reason: 'the slot is damaged' };
      continue;
    }
    const number = page.readUInt32LE(slot + 4);
    const start = page.readUInt32LE(slot + 8) * BLOCK_SIZE;
    const length = page.readUInt32LE(slot + 12) * BLOCK_SIZE;
    if (number === 0 || start === 0) continue; // free
    const record = `package ${number}`;
    left -= length;
    if (start < slotsEnd || start + length > file.size || left < 0) {
      yield { record, reason: 'its offset is outside the file, or used twice' };
      continue;
    }
    if (length > MAX_AREA) yield { record, reason: `a header of ${length} bytes` };
    else yield { record, ...readBlob(file.part(start, length), number) };
  }
}

/** `BlbS`, number, generation, length; the header; zeros; Adler-32 of all that, length, `BlbE`. */
function readBlob(area: Buffer, number: number): Omit<HeaderBlob, 'record'> {
  if (area.length < BLOB_HEAD + BLOB_TAIL || area.toString('latin1', 0, 4) !== 'BlbS') {
    return { reason: 'there is no header at its place' };
  }
  const length = area.readUInt32LE(12);
  const tail = area.length - BLOB_TAIL;
  if (length > MAX_HEADER || length > tail - BLOB_HEAD) return { reason: `a header of ${length} bytes` };
  const blob = area.subarray(BLOB_HEAD, BLOB_HEAD + length);
  if (area.readUInt32LE(4) !== number) return { blob, reason: 'its header has another number' };
  const intact =
    area.toString('latin1', tail + 8) === 'BlbE' &&
    area.readUInt32LE(tail + 4) === length &&
    area.readUInt32LE(tail) === adler32(area.subarray(0, tail));
  return intact ? { blob } : { blob, reason: 'its header does not have its checksum' };
}

// RFC 1950; 5552 is how many bytes can be added up before 32 bits are full, here a number has more.
function adler32(bytes: Buffer): number {
  let a = 1;
  let b = 0;
  for (let start = 0; start < bytes.length; start += 5552) {
    const end = Math.min(start + 5552, bytes.length);
    for (let index = start; index < end; index += 1) {
      a += bytes[index]!;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return b * 65_536 + a;
}
