/** Compressed answers: by what the client accepts, on other threads, streams as they come. */
import { pipeline, type Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors.ts';
import { ACCEPT_ENCODING, type Coding, chooseCoding, codecOf } from './content-coding.ts';

/** Less than one packet: nothing would be won. */
const LEAST = 1024;
const COMPRESSIBLE = /^(?:text\/|application\/(?:[^;]*[+/])?(?:json|yaml)\b)/;

/**
 * Adds compression to all routes of `app`. An answer that is handed over as the same Buffer again and again, as a
 * matcher's kept report is, is compressed once for as long as that Buffer lives.
 */
export function compressAnswers(app: FastifyInstance): void {
  const made = new WeakMap<Buffer, Map<Coding, Promise<Buffer>>>();

  function encodeOnce(content: Buffer, coding: Coding): Promise<Buffer> {
    const known = made.get(content) ?? new Map<Coding, Promise<Buffer>>();
    made.set(content, known);
    let encoded = known.get(coding);
    if (encoded === undefined) {
      encoded = codecOf(coding)!.encode(content);
      known.set(coding, encoded);
    }
    return encoded;
  }

  // Before the route does its work: an answer that the client does not take must have had no effect.
  app.addHook('preParsing', async (request, reply, payload) => {
    if (chooseCoding(acceptEncodingOf(request)) === undefined) {
      reply.header('accept-encoding', ACCEPT_ENCODING);
      throw new AppError('not-acceptable', `no acceptable content coding: offering ${ACCEPT_ENCODING}`);
    }
    return payload;
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const choice = chooseCoding(acceptEncodingOf(request));
    const type = String(reply.getHeader('content-type') ?? '');
    if (reply.statusCode === 304) vary(reply, 'Accept-Encoding'); // RFC 9110 §15.4.5
    if (payload == null || !COMPRESSIBLE.test(type) || reply.hasHeader('content-encoding')) return payload;
    vary(reply, 'Accept-Encoding');
    if (choice?.coding === undefined) return payload;
    if (isStream(payload)) {
      code(reply, choice.coding);
      // A failure of either ends both; the answer then breaks off without its last chunk.
      return pipeline(payload, codecOf(choice.coding)!.encoder(), () => {});
    }
    const content = Buffer.isBuffer(payload) ? payload : Buffer.from(payload as string);
    if (content.length < LEAST && choice.identity) return payload;
    const encoded = await encodeOnce(content, choice.coding);
    code(reply, choice.coding);
    return encoded;
  });
}

// clair-quirk: the ETag does not depend on the coding, because Quay and Clair's own clients compare it as text with the
// state or reference that it names; Vary keeps caches from mixing the codings up
function code(reply: FastifyReply, coding: Coding): void {
  reply.header('content-encoding', coding).removeHeader('content-length');
}

/** Adds a name to Vary. */
export function vary(reply: FastifyReply, name: string): void {
  const known = String(reply.getHeader('vary') ?? '');
  if (!known.toLowerCase().split(/, */).includes(name.toLowerCase())) {
    reply.header('vary', known === '' ? name : `${known}, ${name}`);
  }
}

function acceptEncodingOf(request: FastifyRequest): string | undefined {
  const header = request.headers['accept-encoding'];
  return Array.isArray(header) ? header.join(',') : header;
}

function isStream(payload: unknown): payload is Readable {
  return typeof (payload as { pipe?: unknown }).pipe === 'function';
}
