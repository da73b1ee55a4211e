/** Undoes gzip while the bytes stream by. */
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { AppError, messageOf } from '../errors.ts';

/** No feed comes near; what goes on beyond it is a compression bomb. */
const MAX_BYTES = 8 * 1024 ** 3;

/**
 * The content of a `.gz` file, named `what` in errors. A server that calls the compression a Content-Encoding has
 * had it undone already: bytes that do not begin as gzip does are passed on. Throws `feed` on broken or endless data.
 */
export async function* gunzip(
  body: AsyncIterable<Uint8Array>,
  what: string,
  maxBytes = MAX_BYTES,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      head = Buffer.concat([head, next.value]);
      if (head.length >= 2) break;
    }
    const whole = rejoin(head, chunks);
    // RFC 1952, 2.3.1: every member begins with these two bytes.
    const isGzip = head[0] === 0x1f && head[1] === 0x8b;
    let bytes = 0;
    for await (const chunk of isGzip ? inflated(whole) : whole) {
      bytes += chunk.length;
      if (bytes > maxBytes)
        throw new AppError('feed', `${what}: more than ${maxBytes} bytes when decompressed`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('feed', `${what}: ${messageOf(error)}`, { cause: error });
  } finally {
    await chunks.return?.();
  }
}

async function* rejoin(head: Buffer, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function inflated(compressed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const stream = createGunzip({ chunkSize: 256 * 1024 });
  // An error of either side ends the iteration over `stream` with that error.
  pipeline(Readable.from(compressed), stream, () => {});
  return stream;
}
