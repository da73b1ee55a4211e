/**
 * Cuts the rows of a feed into chunks. All that is said about one vulnerability is in one chunk, and where a chunk ends
 * depends on the names beside its end alone: what changes about one vulnerability changes one chunk.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, crc32, zstdCompress } from 'node:zlib';
import { CHUNK_LIMIT, type Chunk } from './format.ts';

const compress = promisify(zstdCompress);

/** Bytes after which a chunk may end, and after which it does. */
const LEAST = 24 * 1024;
const MOST = 96 * 1024;
/** One name in so many ends a chunk that is long enough. */
const ENDS = 8;
/** Frames are made once and read by many. */
const LEVEL = 15;

/** Lines that belong together, as those about one vulnerability; in the order of their names. */
export interface RowGroup {
  readonly name: string;
  readonly lines: string;
}

/** A frame of zstd, and what an index says of it. */
export interface Frame {
  readonly chunk: Chunk;
  readonly bytes: Buffer;
}

/** The chunks of `groups`, packed. */
export async function* encodeChunks(groups: AsyncIterable<RowGroup>): AsyncGenerator<Frame> {
  let text = '';
  let length = 0;
  for await (const { name, lines } of groups) {
    const mayEnd = length >= LEAST && crc32(name) % ENDS === 0;
    if (mayEnd || length >= MOST) {
      yield await encodeFrame(Buffer.from(text));
      text = '';
      length = 0;
    }
    text += lines;
    length += lines.length;
  }
  if (length > 0) yield await encodeFrame(Buffer.from(text));
}

/** One frame. Throws if it is too long for a reader. */
export async function encodeFrame(content: Buffer): Promise<Frame> {
  if (content.length > CHUNK_LIMIT) throw new Error(`a chunk of ${content.length} bytes is too long`);
  const bytes = await compress(content, {
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVEL,
      [constants.ZSTD_c_checksumFlag]: 0,
    },
    // The length is in the frame's head then, and a reader knows what to reserve.
    pledgedSrcSize: content.length,
  });
  return { chunk: { size: bytes.length, length: content.length, digest: sha256(content) }, bytes };
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
