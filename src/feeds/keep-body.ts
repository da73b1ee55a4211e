/** Keeps what a feed fetched until it is imported, so that an import never rests on half of it. */
import { Readable } from 'node:stream';
import type { FeedContext } from '../contract/feed.ts';
import { AppError, messageOf } from '../errors.ts';
import { bunzip2 } from '../lib/bunzip2.ts';
import { gunzip } from '../lib/gunzip.ts';
import type { HttpResponse } from '../lib/http-response.ts';
import { unxz } from '../lib/unxz.ts';
import { unzstd } from '../lib/unzstd.ts';

/** No feed comes near; what goes on beyond it is a compression bomb. */
const MAX_BYTES = 8 * 1024 ** 3;

/**
 * Spools a body, unpacked if it is bzip2, gzip, xz or zstd, and gives the path of the file. Throws `feed`, naming the feed, if
 * the body ends early or is damaged.
 */
export async function keepBody(
  { url, body }: HttpResponse,
  feed: string,
  context: FeedContext,
): Promise<string> {
  try {
    return await context.spool(Readable.from(unpacked(body, feed), { objectMode: false }));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('feed', `${feed}: ${url} could not be read: ${messageOf(error)}`, { cause: error });
  }
}

/** The content of what may be bzip2, gzip, xz or zstd: that is seen in the first bytes, whatever it is called. */
export async function* unpacked(body: AsyncIterable<Uint8Array>, feed: string): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    while (head.length < 4) {
      const next = await chunks.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value]);
    }
    const whole = (async function* () {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    })();
    const begins = (magic: string) => head.toString('latin1').startsWith(magic);
    if (begins('BZh')) yield* bunzip2(whole);
    else if (begins('\xfd7zX')) yield* unxz(whole);
    else if (begins('\x28\xb5\x2f\xfd'))
      yield* unpackedZstd(whole, feed); // RFC 8878, 3.1.1
    else yield* gunzip(whole, feed); // which passes on what is no gzip
  } finally {
    await chunks.return?.(); // ends the body also when only part of it was read
  }
}

async function* unpackedZstd(
  compressed: AsyncIterable<Uint8Array>,
  feed: string,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const chunk of unzstd(compressed)) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new Error(`zstd: more than ${MAX_BYTES} bytes decompressed`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('feed', `${feed}: ${messageOf(error)}`, { cause: error });
  }
}
