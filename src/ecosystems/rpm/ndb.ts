/** Reads the headers in rpm's own format, `Packages.db`: a table of slots, each with the place of a header. */
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

/** Whether this is such a database. */
export function isNdb(bytes: Buffer): boolean {
  return bytes.length >= HEADER_SIZE && bytes.toString('latin1', 0, 4) === MAGIC;
}

/** The headers in `bytes`, for which `isNdb` holds. */
export function* readNdb(bytes: Buffer): Generator<HeaderBlob> {
  const version = bytes.readUInt32LE(4);
  if (version !== VERSION) {
    yield { record: 'the file', reason: `version ${version} of the format is not known` };
    return;
  }
  const slotsEnd = bytes.readUInt32LE(12) * PAGE_SIZE;
  if (slotsEnd === 0) {
    // Also the table of an empty database has a page.
    yield { record: 'the file', reason: 'it has no table of packages' };
  } else if (slotsEnd > bytes.length) {
    yield { record: 'the file', reason: 'it ends within its table of packages' };
  }
  // Headers do not overlap, so that all of them are no longer than the file: more is damage, and would take long.
  let left = bytes.length;
  for (let at = HEADER_SIZE; at + SLOT_SIZE <= Math.min(slotsEnd, bytes.length); at += SLOT_SIZE) {
    if (bytes.readUInt32LE(at) !== SLOT_MAGIC) {
      yield { record: `slot ${at / SLOT_SIZE}`, reason: 'the slot is damaged' };
      continue;
    }
    const number = bytes.readUInt32LE(at + 4);
    const start = bytes.readUInt32LE(at + 8) * BLOCK_SIZE;
    const length = bytes.readUInt32LE(at + 12) * BLOCK_SIZE;
    if (number === 0 || start === 0) continue; // free
    const record = `package ${number}`;
    left -= length;
    if (start < slotsEnd || start + length > bytes.length || left < 0) {
      yield { record, reason: 'its place is outside of the file, or taken' };
      continue;
    }
    yield { record, ...readBlob(bytes.subarray(start, start + length), number) };
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
