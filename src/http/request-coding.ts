/** Requests with coded content: undone while it is read, so that the limit of the body holds for what comes out. */
import { pipeline, type Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';
import { ACCEPT_ENCODING, codecOf } from './content-coding.ts';

/** Codings upon codings: each could be a bomb of its own. */
const MOST = 2;

// differs: request bodies may be compressed; Clair reads the compressed bytes as JSON (service.md §3.3)
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
        `Content-Encoding ${JSON.stringify(names.join(', '))} is not supported: send one of ${ACCEPT_ENCODING}`,
      );
    }
    let received = 0;
    let content: Readable = payload.on('data', (piece: Buffer) => {
      received += piece.length;
    });
    // The last one named was applied last.
    for (const codec of codecs.reverse()) content = pipeline(content, codec!.decoder(), () => {});
    content.on('error', () => {}); // nobody reads it where Content-Length is 0
    // The framework compares what it received with Content-Length.
    return Object.defineProperty(content, 'receivedEncodedLength', { get: () => received }) as never;
  });
}
