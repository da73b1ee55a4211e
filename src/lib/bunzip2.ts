/** Streaming bzip2 decompression: Node has none, and the published JavaScript ones keep or build whole blocks as arrays. */
import { BitReader } from './bit-reader.ts';
import { readBlock } from './bunzip2-block.ts';

const STREAM_MAGIC = 0x425a68; // "BZh"
const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;

/** Output is handed on in pieces of this size, however far a block expands. */
const PIECE = 256 * 1024;

/**
 * The decompressed bytes, checksums verified. Reads streams that were put one behind another, ignores zeros and
 * other garbage after the last one, as bzip2 does. Throws for data that is damaged, cut short, or grows over `limit` bytes.
 */
export async function* bunzip2(
  source: AsyncIterable<Uint8Array>,
  limit = 8 * 1024 ** 3,
): AsyncGenerator<Buffer, void, undefined> {
  const chunks = source[Symbol.asyncIterator]();
  const input = new BitReader(Buffer.alloc(0));
  let ended = false;
  const atLeast = async (length: number) => {
    const more: Uint8Array[] = [];
    let missing = length - input.bytesLeft;
    while (missing > 0 && !ended) {
      const next = await chunks.next();
      if (next.done) ended = true;
      else {
        more.push(next.value);
        missing -= next.value.length;
      }
    }
    if (more.length > 0) input.refill(more);
  };

  let total = 0;
  try {
    for (let streams = 0; ; streams += 1) {
      await atLeast(4);
      if (input.bytesLeft < 4 || input.bits(24) !== STREAM_MAGIC) {
        if (streams === 0) throw new Error('bzip2: not bzip2 data');
        return;
      }
      const level = input.bits(8) - 0x30;
      if (level < 1 || level > 9) throw new Error('bzip2: bad block size');
      let combined = 0;
      for (;;) {
        // A symbol takes at most 20 bits, and the tables of a block less than 64 KiB: now a whole block is here.
        await atLeast(level * 100_000 * 2.5 + 65_536);
        const magic = input.bits(48);
        if (magic === END_MAGIC) break;
        if (magic !== BLOCK_MAGIC) throw new Error('bzip2: bad block header');
        const crc = input.bits(32) >>> 0;
        const block = readBlock(input, level * 100_000, PIECE);
        for (let piece = block.next(); ; piece = block.next()) {
          if (piece.done) {
            if (piece.value !== crc) throw new Error('bzip2: checksum of a block is wrong');
            break;
          }
          total += piece.value.length;
          if (total > limit) throw new Error(`bzip2: more than ${limit} bytes decompressed`);
          yield piece.value;
        }
        combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
      }
      if (input.bits(32) >>> 0 !== combined) throw new Error('bzip2: checksum of the stream is wrong');
      input.align();
    }
  } finally {
    await chunks.return?.();
  }
}
