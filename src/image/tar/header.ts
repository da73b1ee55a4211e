/** One 512-byte header block of a tar archive (POSIX ustar and GNU tar). */
import { AppError } from '../../errors.ts';

export const BLOCK = 512;

/** `v7`: of the tars before both, which left no mark. */
export type TarMagic = 'ustar' | 'gnu' | 'v7';

export interface TarHeader {
  readonly name: Buffer;
  readonly mode: number;
  readonly size: number;
  /** The type flag as a character. */
  readonly flag: string;
  readonly link: Buffer;
  readonly magic: TarMagic;
}

const FLAG = 156;
const LINK = 157;
const MAGIC = 257;
const CHECKSUM = { from: 148, to: 156 };
const POSIX_MAGIC = Buffer.from('ustar\x0000', 'latin1');
const GNU_MAGIC = Buffer.from('ustar  \0', 'latin1');
const NO_MAGIC = Buffer.alloc(8);
const NO_LINK = Buffer.alloc(0);
const SLASH = Buffer.from('/');

/** What is wrong with an archive, and where. */
export function badTar(offset: number, reason: string): AppError {
  return new AppError('bad-layer', `not a tar archive: bad block at ${offset}: ${reason}`);
}

/** Reads `block`, which is at `offset` of the archive (for the error). Views of it are only good as long as it is. */
export function readTarHeader(block: Buffer, offset: number): TarHeader {
  const magic = magicOf(block);
  if (magic === undefined) {
    throw badTar(offset, `got magic ${quoteBytes(block.subarray(MAGIC, MAGIC + 8))}`);
  }
  if (!hasChecksum(block)) throw badTar(offset, 'wrong checksum');
  const size = readNumber(block, 124, 12);
  if (size === undefined) throw badTar(offset, 'unreadable size');
  const name = textField(block, 0, 100);
  // Only POSIX has a prefix: GNU tar keeps times and sparse maps in its place.
  const prefix = magic === 'ustar' && block[345] !== 0 ? textField(block, 345, 155) : undefined;
  return {
    name: prefix === undefined ? name : Buffer.concat([prefix, SLASH, name]),
    mode: (readNumber(block, 100, 8) ?? 0) & 0o7777,
    size,
    flag: String.fromCharCode(block[FLAG] || 0x30), // NUL: a regular file of tars before POSIX
    link: block[LINK] === 0 ? NO_LINK : textField(block, LINK, 100),
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

/** Whether the block is all zeros: the archive's end. */
export function isZeroBlock(block: Buffer): boolean {
  return block[0] === 0 && block.compare(ZEROS, 0, block.length) === 0;
}

const ZEROS = Buffer.alloc(BLOCK);

/** The bytes of a field up to its first NUL. */
export function textField(block: Buffer, at: number, length: number): Buffer {
  const end = block.indexOf(0, at);
  return block.subarray(at, end === -1 || end > at + length ? at + length : end);
}

function magicOf(block: Buffer): TarMagic | undefined {
  if (hasMagic(block, POSIX_MAGIC)) return 'ustar';
  if (hasMagic(block, GNU_MAGIC)) return 'gnu';
  // differs: archives of the tars before POSIX are read, as container runtimes do (clair-indexing.md#tar-archives)
  if (hasMagic(block, NO_MAGIC)) return 'v7';
  return undefined;
}

// A loop costs less than a call out of JavaScript, and a layer has a header for each of a million files.
function hasMagic(block: Buffer, magic: Buffer): boolean {
  for (let i = 0; i < 8; i++) if (block[MAGIC + i] !== magic[i]) return false;
  return true;
}

// POSIX sums bytes without sign; some old writers summed them with one. Unpackers take both.
function hasChecksum(block: Buffer): boolean {
  let unsigned = sumOf(block);
  for (let i = CHECKSUM.from; i < CHECKSUM.to; i++) unsigned += 0x20 - block[i]!;
  const stored = readNumber(block, CHECKSUM.from, 8);
  if (stored === unsigned) return true;
  let high = 0;
  for (let i = 0; i < BLOCK; i++) high += block[i]! >> 7;
  for (let i = CHECKSUM.from; i < CHECKSUM.to; i++) high -= block[i]! >> 7;
  return stored === unsigned - 256 * high;
}

/** The buffer of the last block, by words: a decompressor uses one again and again. */
let words: Int32Array = new Int32Array(0);

/** The sum of the block's bytes. */
function sumOf(block: Buffer): number {
  const { buffer, byteOffset } = block;
  if (byteOffset % 4 !== 0 || block.length < BLOCK) {
    let sum = 0;
    for (let i = 0; i < BLOCK; i++) sum += block[i] ?? 0;
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
