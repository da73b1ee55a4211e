/** Keeps what a feed fetched until it is imported, so that an import never rests on half of it. */
import { Readable } from 'node:stream';
import { AppError, messageOf } from '../../errors.ts';
import { bunzip2 } from '../../lib/bunzip2.ts';
import type { FeedContext, FeedResponse } from '../contract.ts';

/**
 * Spools a body, unpacked if it is bzip2, and gives the path of the file. Throws `feed`, naming the feed, if the body ends
 * early or is damaged.
 */
export async function keepBody(
  { url, body }: FeedResponse,
  feed: string,
  context: FeedContext,
): Promise<string> {
  try {
    return await context.spool(Readable.from(unpacked(body), { objectMode: false }));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('feed', `${feed}: ${url} could not be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Whether it is packed is seen in the first bytes, whatever the server calls it. */
async function* unpacked(body: Readable): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    let head = Buffer.alloc(0);
    while (head.length < 3) {
      const next = await chunks.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value]);
    }
    const whole = (async function* () {
      if (head.length > 0) yield head;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    })();
    yield* head.subarray(0, 3).toString('latin1') === 'BZh' ? bunzip2(whole) : whole;
  } finally {
    await chunks.return?.(); // ends the body also when only part of it was read
  }
}
