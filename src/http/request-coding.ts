/** Requests with coded content: undone while it is read, so that the limit of the body holds for what comes out. */
import type { Readable, Transform } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';
import { ACCEPT_ENCODING, codecOf } from './content-coding.ts';

/** Codings upon codings: each could be a bomb of its own. */
const MOST = 2;

// differs: request bodies may be compressed; Clair reads the compressed bytes as JSON (clair-service.md#content-negotiation)
export function decodeRequests(app: FastifyInstance): void {
  app.addHook('preParsing', async (request, reply, payload) => {
    const names = String(request.headers['content-encoding'] ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '' && name !== 'identity');
    if (names.length === 0) return payload;
    const codecs = names.map(codecOf);
    if (codecs.length > MOST || codecs.includes(undefined)) {
      reply.header('accept-encoding', ACCEPT_ENCODING); // RFC 9110 §15.5.16
      throw new AppError(
        'unsupported-encoding',
        `Content-Encoding ${JSON.stringify(names.join(', '))} is not supported. Supported: ${ACCEPT_ENCODING}`,
      );
    }
    let received = 0;
    payload.on('data', (piece: Buffer) => {
      received += piece.length;
    });
    // The last one named was applied last.
    const decoders = codecs.reverse().map((codec) => codec!.decoder());
    const { content, stop } = decoded(payload, decoders);
    // A body that is refused before its end, as one over the limit, is not worth the time that the rest of it would take.
    reply.raw.once('close', stop);
    // The framework compares what it received with Content-Length.
    return Object.defineProperty(content, 'receivedEncodedLength', { get: () => received }) as never;
  });
}

/**
 * `source` through all of `decoders`. A failure of any of them is one of `content`. `source` is never destroyed: it is
 * a request, whose connection has to bring the answer, and the rest of which is read and dropped.
 */
function decoded(
  source: Readable,
  decoders: readonly Transform[],
): { readonly content: Transform; readonly stop: () => void } {
  const content = decoders.at(-1)!;
  const stop = (error?: Error): void => {
    source.unpipe(decoders[0]);
    source.resume();
    for (const decoder of decoders) if (decoder !== content) decoder.destroy();
    content.destroy(error);
  };
  content.on('error', () => {}); // nobody reads it where Content-Length is 0
  for (const decoder of decoders) decoder.once('error', stop);
  source.once('error', stop);
  source.once('close', () => {
    if (!source.readableEnded) stop(new Error('the body was cut off'));
  });
  let last = source;
  for (const decoder of decoders) last = last.pipe(decoder);
  return { content, stop: () => stop() };
}
