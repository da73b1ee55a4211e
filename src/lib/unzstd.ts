/** Undoes zstd, all frames of it: Node's own functions end after the first one without a word (Node 24). */
import { createZstdDecompress, type ZstdDecompress, zstdDecompressSync } from 'node:zlib';

const PIECE = 256 * 1024;
/** Of zlib. */
const LEAST_PIECE = 64;

/** What Node says of bytes that begin no frame. */
const NO_FRAME = 'Unknown frame descriptor';

/** The content of `source`, frame by frame. Throws what zlib throws, and for bytes behind the last frame that are none. */
export async function* unzstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    let rest: Uint8Array | undefined;
    do {
      const stream = createZstdDecompress({ chunkSize: PIECE });
      const feeding = feed(stream, chunks, rest).catch((error: Error) => void stream.destroy(error));
      yield* stream;
      rest = (await feeding) ?? undefined;
      if (rest !== undefined && stream.bytesWritten === 0) throw new Error(NO_FRAME);
    } while (rest !== undefined);
  } finally {
    // Not waited for: the source may be asked for its next chunk at this moment.
    chunks.return?.().catch(() => {});
  }
}

/** Gives a stream what it takes, `first` first, a chunk at a time. Returns what it leaves when its frame ends before a chunk does. */
async function feed(
  stream: ZstdDecompress,
  chunks: AsyncIterator<Uint8Array>,
  first: Uint8Array | undefined,
): Promise<Uint8Array | undefined> {
  let settle = (_: boolean): void => {};
  stream.once('close', () => settle(false));
  for (let chunk = first; ; chunk = undefined) {
    if (chunk === undefined) {
      const next = await chunks.next();
      if (next.done) return void stream.end();
      chunk = next.value;
    }
    if (stream.destroyed) return undefined;
    const before = stream.bytesWritten;
    const isTaken = await new Promise<boolean>((resolve) => {
      settle = resolve;
      stream.write(chunk, (error) => resolve(!error));
    });
    if (!isTaken) return undefined;
    const taken = stream.bytesWritten - before;
    if (taken < chunk.length) return chunk.subarray(taken);
  }
}

/** The same of bytes that are all there. Throws too if there are more than `limit`. */
export function unzstdSync(bytes: Uint8Array, limit: number): Buffer {
  const frames: Buffer[] = [];
  let length = 0;
  for (let at = 0; at < bytes.length || at === 0; ) {
    const { buffer, engine } = zstdDecompressSync(bytes.subarray(at), {
      maxOutputLength: Math.max(1, limit - length),
      // In one go where the limit is what is expected: each further piece is another buffer, and a copy.
      chunkSize: Math.min(PIECE, Math.max(1, limit - length) + LEAST_PIECE),
      info: true,
    } as object) as unknown as { buffer: Buffer; engine: ZstdDecompress };
    if (engine.bytesWritten === 0) throw new Error(NO_FRAME);
    at += engine.bytesWritten;
    length += buffer.length;
    if (length > limit) throw new RangeError(`more than ${limit} bytes decompressed`);
    frames.push(buffer);
  }
  return frames.length === 1 ? frames[0]! : Buffer.concat(frames);
}
