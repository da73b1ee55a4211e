/** Keeps what a feed fetched until it is imported, so that an import never rests on half of it. */
import { Readable } from 'node:stream';
import type { FeedContext } from '../contract/feed.ts';
import { AppError, messageOf } from '../errors.ts';
import { bunzip2 } from '../lib/bunzip2.ts';
import { type GarbageCollector, garbageCollector } from '../lib/free-memory.ts';
import { gunzip } from '../lib/gunzip.ts';
import type { HttpResponse } from '../lib/http-response.ts';
import { unxz } from '../lib/unxz.ts';
import { unzstd } from '../lib/unzstd.ts';

/** No feed comes near; what goes on beyond it is a compression bomb. */
const MAX_BYTES = 8 * 1024 ** 3;

/** Bytes of feeds between two collections: at 256 KiB, as in scans, these would take a tenth of an update's CPU. */
const EVERY = 4 * 1024 * 1024;

/** Of this thread, made for its first feed. */
let collector: GarbageCollector | undefined;

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
    collector ??= garbageCollector(EVERY);
    for await (const piece of contentOf(head.toString('latin1'), whole, feed)) {
      collector.received(piece.length);
      yield piece;
    }
  } finally {
    await chunks.return?.(); // ends the body also when only part of it was read
  }
}

function contentOf(head: string, whole: AsyncIterable<Uint8Array>, feed: string): AsyncIterable<Uint8Array> {
  if (head.startsWith('BZh')) return bunzip2(whole);
  if (head.startsWith('\xfd7zX')) return unxz(whole);
  if (head.startsWith('\x28\xb5\x2f\xfd')) return unpackedZstd(whole, feed); // RFC 8878, 3.1.1
  return gunzip(whole, feed); // which passes on what is no gzip
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
