/**
 * Zip archives by their central directory, from anything with random access. Nothing is trusted: every offset and
 * size is checked against the file, sizes and entries are limited, content is checked against its CRC.
 * APPNOTE.TXT is PKWARE's ".ZIP File Format Specification".
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { type CentralDirectory, findDirectory } from './zip-directory.ts';

/** A member of an archive as its central directory describes it. */
export interface ZipEntry {
  /** With `/`; a directory's ends in one. */
  readonly name: string;
  readonly size: number;
  readonly compressedSize: number;
  readonly crc: number;
  /** APPNOTE 4.4.5: 0 is stored, 8 is deflate. */
  readonly method: number;
  readonly encrypted: boolean;
  /** Where its local header is in the file. */
  readonly offset: number;
}

/** An open archive. */
export interface Zip {
  /** The members in the order of the central directory. Throws at a member that is malformed. */
  entries(): Generator<ZipEntry, void, void>;
  /** The content of a member of at most `limit` bytes. Throws if it is bigger, encrypted or not what it should be. */
  readEntry(entry: ZipEntry, limit: number): Buffer;
}

export interface ZipLimits {
  /** Members that the central directory may have; default 1 000 000. */
  readonly entries?: number;
  /** Bytes that all `readEntry` together may give; default unlimited. */
  readonly total?: number;
}

const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_LENGTH = 46;
const SIGNATURE_SIGNATURE = 0x05054b50;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_LENGTH = 30;
const CHUNK = 256 * 1024;

/** No deflate stream grows more than this (RFC 1951: 258 bytes of output for two bits). */
const MAX_RATIO = 1032;

/** Opens an archive of `size` bytes; `read` gives up to `length` bytes from `offset`. Throws if it is no archive. */
export function openZip(
  read: (offset: number, length: number) => Buffer,
  size: number,
  limits: ZipLimits = {},
): Zip {
  const exactly = (offset: number, length: number): Buffer => {
    if (offset < 0 || length < 0 || offset + length > size)
      throw new Error('zip: an offset is outside the file');
    const bytes = read(offset, length);
    if (bytes.length < length) throw new Error('zip: the file ends early');
    return bytes;
  };
  const directory = findDirectory(exactly, size);
  let left = limits.total ?? Number.POSITIVE_INFINITY;
  return {
    entries: () => readDirectory(exactly, directory, limits.entries ?? 1_000_000),
    readEntry: (entry, limit) => {
      const content = readContent(exactly, directory, entry, limit);
      left -= content.length;
      if (left < 0) throw new Error('zip: all members together are over the limit');
      return content;
    },
  };
}

type Exactly = (offset: number, length: number) => Buffer;

function* readDirectory(
  read: Exactly,
  { start, end, base, entries }: CentralDirectory,
  limit: number,
): Generator<ZipEntry, void, void> {
  let chunk: Buffer = Buffer.alloc(0);
  let at = 0; // in chunk
  let next = start; // in the file, after chunk
  /** Sees to it that `length` bytes are in the chunk at hand: fields are read where they lie. */
  const need = (length: number): void => {
    if (chunk.length - at >= length) return;
    const rest = chunk.subarray(at);
    const missing = length - rest.length;
    if (next + missing > end) throw new Error('zip: the central directory ends early');
    const more = read(next, Math.min(Math.max(missing, CHUNK), end - next));
    next += more.length;
    chunk = rest.length === 0 ? more : Buffer.concat([rest, more]);
    at = 0;
  };
  let count = 0;
  for (; next - (chunk.length - at) < end; count++) {
    need(4);
    const signature = chunk.readUInt32LE(at);
    if (signature === SIGNATURE_SIGNATURE) break; // APPNOTE 4.3.13: the last of the directory
    if (count === limit) throw new Error(`zip: more than ${limit} members`);
    need(CENTRAL_LENGTH);
    if (signature !== CENTRAL_SIGNATURE) throw new Error('zip: a malformed central directory');
    const nameLength = chunk.readUInt16LE(at + 28);
    const extraLength = chunk.readUInt16LE(at + 30);
    const length = CENTRAL_LENGTH + nameLength + extraLength + chunk.readUInt16LE(at + 32);
    need(length);
    const extraAt = at + CENTRAL_LENGTH + nameLength;
    const sizes = {
      size: chunk.readUInt32LE(at + 24),
      compressedSize: chunk.readUInt32LE(at + 20),
      offset: chunk.readUInt32LE(at + 42),
    };
    const { size, compressedSize, offset } = isWide(sizes)
      ? withZip64(sizes, chunk.subarray(extraAt, extraAt + extraLength))
      : sizes;
    const entry = {
      // APPNOTE 4.4.17.1 wants slashes; some writers on Windows did not know.
      name: chunk.toString('utf8', at + CENTRAL_LENGTH, extraAt).replaceAll('\\', '/'),
      method: chunk.readUInt16LE(at + 10),
      crc: chunk.readUInt32LE(at + 16),
      encrypted: (chunk.readUInt16LE(at + 8) & 0x2041) !== 0, // APPNOTE 4.4.4: bits 0, 6 and 13
      size,
      compressedSize,
      offset: base + offset,
    };
    at += length;
    yield entry;
  }
  // Writers without zip64 let the count of members overflow.
  if ((count & 0xffff) !== (entries & 0xffff))
    throw new Error('zip: members are missing in the central directory');
}

type Sizes = { readonly size: number; readonly compressedSize: number; readonly offset: number };

const WIDE = 0xffffffff;

function isWide({ size, compressedSize, offset }: Sizes): boolean {
  return size === WIDE || compressedSize === WIDE || offset === WIDE;
}

/** APPNOTE 4.5.3: those of the three that are all ones are in extra field 1 instead, in this order. */
function withZip64(sizes: Sizes, extra: Buffer): Sizes {
  const wide = (['size', 'compressedSize', 'offset'] as const).filter((field) => sizes[field] === WIDE);
  for (let at = 0; at + 4 <= extra.length; ) {
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    if (extra.readUInt16LE(at) === 1) {
      if (field.length < wide.length * 8) throw new Error('zip: a zip64 field is too short');
      const values = wide.map((name, index) => [name, wideNumber(field, index * 8)] as const);
      return { ...sizes, ...Object.fromEntries(values) };
    }
    at += 4 + field.length;
  }
  return sizes;
}

/** A 64-bit number; over 2^53 it points outside of any file. */
function wideNumber(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}

function readContent(read: Exactly, directory: CentralDirectory, entry: ZipEntry, limit: number): Buffer {
  const { name, size, compressedSize, method, offset } = entry;
  const fail = (what: string): never => {
    throw new Error(`zip: member ${JSON.stringify(name.slice(0, 200))} ${what}`);
  };
  if (entry.encrypted) fail('is encrypted');
  if (method !== 0 && method !== 8) fail(`has compression method ${method}, which is not supported`);
  if (size > limit) fail(`exceeds the limit of ${limit} bytes`);
  const most = method === 0 ? compressedSize : compressedSize * MAX_RATIO;
  if (size > most || (method === 0 && size !== compressedSize)) fail('says an impossible size');
  // Deflate never needs more than five bytes for each 64 KiB beyond its content; be generous.
  if (compressedSize > limit * 1.01 + 1024) fail(`exceeds the limit of ${limit} bytes`);

  const header = read(offset, LOCAL_LENGTH);
  if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) fail('has no local header');
  const start = offset + LOCAL_LENGTH + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (start + compressedSize > directory.start) fail('runs into the central directory');
  const stored = read(start, compressedSize);
  const content = method === 0 ? Buffer.from(stored) : inflate(stored, size);
  if (content === undefined || content.length !== size || crc32(content) !== entry.crc) fail('is damaged');
  return content!;
}

function inflate(deflated: Buffer, size: number): Buffer | undefined {
  try {
    return inflateRawSync(deflated, { maxOutputLength: Math.max(size, 1) });
  } catch {
    return undefined;
  }
}
