/** Streaming decompression of xz (tukaani.org/xz/xz-file-format.txt): Node has none. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc64 } from './crc64.ts';
import { Lzma2 } from './lzma2.ts';
import { PiecewiseReader } from './piecewise-reader.ts';

const MAGIC = Buffer.from('\xfd7zXZ\0', 'latin1');
const FOOTER = 'YZ';
const LZMA2 = 0x21;

/** `xz -9` has 64 MiB; a window grows to it only if so much comes out. */
const MAX_DICTIONARY = 256 * 1024 * 1024;
const MAX_BLOCKS = 1_000_000;

/** A running checksum of what comes out of a block. */
interface Check {
  update(bytes: Uint8Array): unknown;
  digest(): Buffer;
}

/** Check IDs (2.1.1.2) -> how they are made; others have `size` bytes that nobody looks at. */
const CHECKS: Readonly<Record<number, () => Check>> = {
  1: () => new Crc32(),
  4: () => new Crc64(),
  10: () => createHash('sha256'),
};
const CHECK_SIZES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/**
 * The decompressed bytes, checksums verified. Reads streams that were put one behind another. Throws for data that is
 * damaged, cut short, has filters other than LZMA2, or grows over `limit` bytes.
 */
export async function* unxz(
  source: AsyncIterable<Uint8Array>,
  limit = 8 * 1024 ** 3,
): AsyncGenerator<Buffer, void, undefined> {
  const input = new PiecewiseReader(source, 'xz');
  let total = 0;
  try {
    for (let streams = 0; ; streams++) {
      if (streams > 0 && !(await skipPadding(input))) return;
      const check = await readStreamHeader(input);
      for (let blocks = 0; ; blocks++) {
        if (blocks > MAX_BLOCKS) throw new Error(`xz: more than ${MAX_BLOCKS} blocks`);
        const size = (await input.take(1))[0]!;
        if (size === 0) break;
        for await (const piece of readBlock(input, size, check)) {
          total += piece.length;
          if (total > limit) throw new Error(`xz: more than ${limit} bytes decompressed`);
          yield piece;
        }
      }
      await readIndex(input, check);
    }
  } finally {
    await input.close();
  }
}

/** Whether another stream follows. */
async function skipPadding(input: PiecewiseReader): Promise<boolean> {
  for (;;) {
    const next = await input.peek(4);
    if (next.length === 0) return false;
    if (!next.equals(Buffer.alloc(4))) return true;
    await input.take(4);
  }
}

async function readStreamHeader(input: PiecewiseReader): Promise<number> {
  if (!(await input.peek(MAGIC.length)).equals(MAGIC)) throw new Error('xz: not xz data');
  const header = await input.take(12);
  const flags = header.subarray(6, 8);
  if (crc32(flags) !== header.readUInt32LE(8)) throw new Error('xz: checksum of the header is wrong');
  if (flags[0] !== 0 || flags[1]! > 15) throw new Error('xz: unknown flags');
  return flags[1]!;
}

async function* readBlock(input: PiecewiseReader, size: number, id: number): AsyncGenerator<Buffer> {
  const decoder = new Lzma2(await dictionaryOf(input, size));
  const check = CHECKS[id]?.();
  const start = input.position;
  for (;;) {
    const control = (await input.take(1))[0]!;
    if (control === 0) break;
    const piece = await readChunk(input, control, decoder);
    check?.update(piece);
    yield Buffer.from(piece); // the decoder's own is written over by the next
  }
  const padding = await input.take(-(input.position - start) & 3);
  if (padding.some((byte) => byte !== 0)) throw new Error('xz: bad padding');
  const sum = await input.take(CHECK_SIZES[id]!);
  if (check !== undefined && !check.digest().equals(sum)) throw new Error('xz: checksum of a block is wrong');
}

/** The dictionary that the header of a block asks for, in bytes. */
async function dictionaryOf(input: PiecewiseReader, size: number): Promise<number> {
  const header = Buffer.concat([Buffer.from([size]), await input.take((size + 1) * 4 - 1)]);
  const end = header.length - 4;
  if (crc32(header.subarray(0, end)) !== header.readUInt32LE(end))
    throw new Error('xz: checksum of a block header is wrong');
  const flags = header[1]!;
  let at = 2;
  const number = (): number => {
    let value = 0;
    for (let digit = 0; digit < 9; digit++) {
      const byte = at < end ? header[at++]! : 0x80;
      value += (byte & 0x7f) * 2 ** (7 * digit);
      if (byte < 0x80) return value;
    }
    throw new Error('xz: a number has no end');
  };
  for (const flag of [0x40, 0x80]) if ((flags & flag) !== 0) number(); // sizes, which the data tells too
  if ((flags & 0x3f) !== 0 || number() !== LZMA2 || number() !== 1)
    throw new Error('xz: it has a filter other than LZMA2');
  const bits = header[at]!;
  const dictionary = bits > 40 ? Number.POSITIVE_INFINITY : (2 | (bits & 1)) * 2 ** ((bits >>> 1) + 11);
  if (dictionary > MAX_DICTIONARY)
    throw new Error(`xz: its dictionary has more than ${MAX_DICTIONARY} bytes`);
  return dictionary;
}

async function readChunk(input: PiecewiseReader, control: number, decoder: Lzma2): Promise<Buffer> {
  if (control < 0x80) {
    if (control > 2) throw new Error('xz: unknown kind of chunk');
    const size = (await input.take(2)).readUInt16BE(0) + 1;
    return decoder.plain(await input.take(size), control === 1);
  }
  const reset = (control >>> 5) & 3;
  const head = await input.take(reset >= 2 ? 5 : 4);
  const size = ((control & 0x1f) << 16) + head.readUInt16BE(0) + 1;
  return decoder.chunk(await input.take(head.readUInt16BE(2) + 1), size, reset, head[4] ?? 0);
}

/** The list of blocks, and the end of a stream: nothing there is needed, but that it is there shows that nothing was cut off. */
async function readIndex(input: PiecewiseReader, check: number): Promise<void> {
  const parts: Buffer[] = [Buffer.from([0])];
  const start = input.position - 1;
  const number = async (): Promise<number> => {
    let value = 0;
    for (let digit = 0; digit < 9; digit++) {
      const byte = await input.take(1);
      parts.push(byte);
      value += (byte[0]! & 0x7f) * 2 ** (7 * digit);
      if (byte[0]! < 0x80) return value;
    }
    throw new Error('xz: a number has no end');
  };
  const records = await number();
  if (records > MAX_BLOCKS) throw new Error(`xz: more than ${MAX_BLOCKS} blocks`);
  for (let left = records * 2; left > 0; left--) await number();
  parts.push(await input.take(-(input.position - start) & 3));
  const sum = (await input.take(4)).readUInt32LE(0);
  if (crc32(Buffer.concat(parts)) !== sum) throw new Error('xz: checksum of the index is wrong');
  const footer = await input.take(12);
  const isWhole =
    crc32(footer.subarray(4, 10)) === footer.readUInt32LE(0) &&
    footer[8] === 0 &&
    footer[9] === check &&
    footer.toString('latin1', 10) === FOOTER;
  if (!isWhole) throw new Error('xz: the end of a stream is damaged');
}

class Crc32 implements Check {
  #sum = 0;

  update(bytes: Uint8Array): void {
    this.#sum = crc32(bytes, this.#sum);
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(this.#sum);
    return bytes;
  }
}
