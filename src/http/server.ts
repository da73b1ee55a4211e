/** The HTTP server of the API: bodies as bytes, Clair's error shape, no magic. */
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { AppError, ERRORS, messageOf, toldOf } from '../errors.ts';
import { logAcceptErrors } from '../lib/accept-errors.ts';
import type { Log } from '../lib/log.ts';
import { redirectUncleanPaths } from './clean-path.ts';
import { answerClientError } from './client-error.ts';
import { compressAnswers } from './compress.ts';
import { continueWhenAccepted } from './expect-continue.ts';
import { ALPN_PROTOCOLS, speakHttp2 } from './http2.ts';
import { decodeRequests } from './request-coding.ts';
import { originForm, refuseBadTargets } from './request-target.ts';
import { RETRY_AFTER } from './retry-after.ts';
import { readBeforeClosing } from './unread-body.ts';

const MiB = 1024 * 1024;

/** Against clients that send slowly or too much: all of it is about receiving a request, not about answering it. */
// differs: Clair waits indefinitely, and takes any amount (clair-service.md#protocols-and-limits)
const LIMITS = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 32 * 1024,
} as const;
/** Longer than the usual minute of load balancers: they must be the ones to close. */
const KEEP_ALIVE = 75_000;
const PING = 30_000;

export interface ServerOptions {
  readonly log: Log;
  /** Largest request body in bytes. */
  readonly bodyLimit?: number;
  /** Adds hooks before all others, to see every request. */
  readonly observe?: (app: FastifyInstance) => void;
  /** Serves TLS only. */
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer; readonly minVersion: 'TLSv1.2' };
}

// differs: no `Trailer: Clair-Error`: a response that fails in transit ends without its last chunk, which every client sees
// (clair-service.md#error-answers)
/** A server without routes. Anything thrown in a handler becomes Clair's `{code, message}`. */
export function createServer({
  log,
  bodyLimit = 16 * MiB,
  observe,
  certificate,
}: ServerOptions): FastifyInstance {
  function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const known = toAppError(error);
    const { status, wire } = ERRORS[known.code];
    if (status >= 500) {
      const about = { request_uri: request.url, error: known.code, reason: known.message };
      const isBug = known.code === 'internal-error' && known.cause instanceof Error;
      log.error('request failed', { ...about, ...(isBug && { cause: (known.cause as Error).stack }) });
    }
    const retryAfter = RETRY_AFTER[status];
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
    reply
      .removeHeader('link')
      // Closed with the rest of a refused body unread, the connection would be reset, and the answer with it.
      .removeHeader('connection')
      .code(status)
      .header('content-type', 'application/json')
      .header('x-content-type-options', 'nosniff')
      .send(JSON.stringify({ code: wire, message: toldOf(known) }));
  }

  const app = fastify({
    bodyLimit,
    ...(certificate
      ? { https: { ...certificate, ...LIMITS, ALPNProtocols: ALPN_PROTOCOLS } }
      : { http: LIMITS }),
    clientErrorHandler: answerClientError,
    frameworkErrors: answerError, // a URL that cannot be decoded
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: false, // what still comes on open connections is answered: balancers do not repeat it
    requestTimeout: LIMITS.requestTimeout, // the framework sets its own otherwise
    keepAliveTimeout: KEEP_ALIVE,
    routerOptions: { maxParamLength: 512 },
    rewriteUrl: originForm,
  });
  logAcceptErrors(app.server, log);
  speakHttp2(app, { ...LIMITS, keepAliveTimeout: KEEP_ALIVE, pingInterval: PING }, log);
  observe?.(app);
  refuseBadTargets(app);
  redirectUncleanPaths(app);
  decodeRequests(app);
  compressAnswers(app);
  readBeforeClosing(app);
  continueWhenAccepted(app, bodyLimit);
  // Clair never looks at the type of a request: every body is bytes, and the route parses them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  // Fastify adds a charset to JSON types; Clair's have none.
  app.addHook('onSend', async (_request, reply, payload) => {
    const type = reply.getHeader('content-type');
    if (typeof type === 'string' && type.includes('json'))
      reply.header('content-type', type.replace(/; *charset=.*$/i, ''));
    return payload;
  });

  app.route({
    method: ['GET', 'HEAD'],
    url: '/robots.txt',
    handler: (_request, reply) =>
      reply
        .type('text/plain; charset=utf-8')
        .header('cache-control', 'no-store')
        .header('x-content-type-options', 'nosniff')
        .send('User-agent: *\nDisallow: /\n'),
  });
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .header('content-type', 'text/plain; charset=utf-8')
      .header('x-content-type-options', 'nosniff')
      .send('404 page not found\n'),
  );
  app.setErrorHandler(answerError);
  return app;
}

/** What the framework refuses is the client's fault; anything else unknown is ours. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status === 413) return new AppError('too-large', messageOf(error), { cause: error });
  if (status >= 400 && status < 500) return new AppError('bad-request', messageOf(error), { cause: error });
  return new AppError('internal-error', 'internal server error', { cause: error });
}
