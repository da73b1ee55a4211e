/** One 512-byte header block of a tar archive (POSIX ustar and GNU tar). */
import { AppError } from '../../errors.ts';
import { decodeName } from './decode-name.ts';

export const BLOCK = 512;

/** `v7`: of the tars before both, which left no mark. */
export type TarMagic = 'ustar' | 'gnu' | 'v7';

export interface TarHeader {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  /** The type flag as a character. */
  readonly flag: string;
  readonly link: string;
  readonly magic: TarMagic;
}

const FLAG = 156;
const LINK = 157;
const MAGIC = 257;
const CHECKSUM = { from: 148, to: 156 };
const POSIX_MAGIC = Buffer.from('ustar\x0000', 'latin1');
const GNU_MAGIC = Buffer.from('ustar  \0', 'latin1');
const NO_MAGIC = Buffer.alloc(8);

/** What is wrong with an archive, and where. */
export function badTar(offset: number, reason: string): AppError {
  return new AppError('bad-layer', `not a tar archive: bad block at ${offset}: ${reason}`);
}

/**
 * Reads the block that is at `at` in `bytes`, and at `offset` of the archive (for the error). A layer has a header for each of
 * a million files: no views are made of its fields.
 */
export function readTarHeader(bytes: Buffer, at: number, offset: number): TarHeader {
  const magic = magicOf(bytes, at);
  if (magic === undefined) {
    throw badTar(offset, `got magic ${quoteBytes(bytes.subarray(at + MAGIC, at + MAGIC + 8))}`);
  }
  if (!hasChecksum(bytes, at)) throw badTar(offset, 'wrong checksum');
  const size = readNumber(bytes, at + 124, 12);
  if (size === undefined) throw badTar(offset, 'unreadable size');
  const name = textAt(bytes, at, 100);
  // Only POSIX has a prefix: GNU tar keeps times and sparse maps in its place.
  const prefix = magic === 'ustar' && bytes[at + 345] !== 0 ? textAt(bytes, at + 345, 155) : undefined;
  return {
    name: prefix === undefined ? name : `${prefix}/${name}`,
    mode: (readNumber(bytes, at + 100, 8) ?? 0) & 0o7777,
    size,
    flag: String.fromCharCode(bytes[at + FLAG] || 0x30), // NUL: a regular file of tars before POSIX
    link: bytes[at + LINK] === 0 ? '' : textAt(bytes, at + LINK, 100),
    magic,
  };
}

/** Octal digits between spaces and NULs, or (first bit set) a big-endian number; undefined if neither, negative or inexact. */
export function readNumber(block: Buffer, at: number, length: number): number | undefined {
  const first = block[at] ?? 0;
  if (first & 0x80) {
    if (first & 0x40) return undefined; // negative
    let value = first & 0x3f;
    for (let i = at + 1; i < at + length; i++) {
      value = value * 256 + block[i]!;
      if (value > Number.MAX_SAFE_INTEGER) return undefined;
    }
    return value;
  }
  let i = at;
  let end = at + length;
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i++;
  while (end > i && (block[end - 1] === 0x20 || block[end - 1] === 0)) end--;
  let value = 0;
  for (; i < end; i++) {
    const digit = block[i]! - 0x30;
    if (digit < 0 || digit > 7) {
      // A NUL or space ends the field whatever is behind it.
      if (block[i] === 0 || block[i] === 0x20) break;
      return undefined;
    }
    value = value * 8 + digit;
  }
  return value;
}

/** Whether the block at `at`, or the `length` bytes that there are of it, is all zeros: the archive's end. */
export function isZeroBlock(bytes: Buffer, at = 0, length = BLOCK): boolean {
  return bytes[at] === 0 && bytes.compare(ZEROS, 0, length, at, at + length) === 0;
}

const ZEROS = Buffer.alloc(BLOCK);

/** The bytes of a record up to its first NUL. */
export function untilNul(record: Buffer): Buffer {
  const end = record.indexOf(0);
  return end === -1 ? record : record.subarray(0, end);
}

/** The text of a field up to its first NUL. */
function textAt(bytes: Buffer, at: number, length: number): string {
  let end = at;
  while (end < at + length && bytes[end] !== 0) end++;
  return decodeName(bytes, at, end);
}

function magicOf(bytes: Buffer, at: number): TarMagic | undefined {
  if (hasMagic(bytes, at, POSIX_MAGIC)) return 'ustar';
  if (hasMagic(bytes, at, GNU_MAGIC)) return 'gnu';
  // differs: archives of the tars before POSIX are read, as container runtimes do (clair-indexing.md#tar-archives)
  if (hasMagic(bytes, at, NO_MAGIC)) return 'v7';
  return undefined;
}

// A loop costs less than a call out of JavaScript.
function hasMagic(bytes: Buffer, at: number, magic: Buffer): boolean {
  for (let i = 0; i < 8; i++) if (bytes[at + MAGIC + i] !== magic[i]) return false;
  return true;
}

// POSIX sums bytes without sign; some old writers summed them with one. Unpackers take both.
function hasChecksum(bytes: Buffer, at: number): boolean {
  const [from, to] = [at + CHECKSUM.from, at + CHECKSUM.to];
  let unsigned = sumOf(bytes, at);
  for (let i = from; i < to; i++) unsigned += 0x20 - bytes[i]!;
  const stored = readNumber(bytes, from, 8);
  if (stored === unsigned) return true;
  let high = 0;
  for (let i = at; i < at + BLOCK; i++) high += bytes[i]! >> 7;
  for (let i = from; i < to; i++) high -= bytes[i]! >> 7;
  return stored === unsigned - 256 * high;
}

/** The buffer of the last block, by words: a decompressor uses one again and again. */
let words: Int32Array = new Int32Array(0);

/** The sum of the block's bytes. */
function sumOf(bytes: Buffer, at: number): number {
  const { buffer } = bytes;
  const byteOffset = bytes.byteOffset + at;
  if (byteOffset % 4 !== 0 || bytes.length < at + BLOCK) {
    let sum = 0;
    for (let i = at; i < at + BLOCK; i++) sum += bytes[i] ?? 0;
    return sum;
  }
  if (words.buffer !== buffer) words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
  // Two sums of every second byte in each word: 128 times 255 is less than 2^16.
  let [even, odd] = [0, 0];
  for (let i = byteOffset >> 2, end = i + BLOCK / 4; i < end; i++) {
    const word = words[i]!;
    even = (even + (word & 0x00ff00ff)) | 0;
    odd = (odd + ((word >>> 8) & 0x00ff00ff)) | 0;
  }
  return (even & 0xffff) + (even >>> 16) + (odd & 0xffff) + (odd >>> 16);
}

/** Bytes as a quoted text, e.g. `"o wor\x00"`. */
export function quoteBytes(bytes: Buffer): string {
  let text = '"';
  for (const byte of bytes) {
    if (byte === 0x22 || byte === 0x5c) text += `\\${String.fromCharCode(byte)}`;
    else if (byte >= 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `${text}"`;
}

/** A decimal number without sign, exactly; undefined if it is none. */
export function decimal(text: Buffer): number | undefined {
  if (text.length === 0 || text.length > 20) return undefined;
  let value = 0;
  for (const byte of text) {
    if (byte < 0x30 || byte > 0x39) return undefined;
    value = value * 10 + (byte - 0x30);
  }
  return Number.isSafeInteger(value) ? value : undefined;
}
