/** The HTTP server of the API: bodies as bytes, Clair's error shape, no magic. */
import { type FastifyInstance, fastify } from 'fastify';
import { AppError, ERRORS, messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';

const MiB = 1024 * 1024;

export interface ServerOptions {
  readonly log: Log;
  /** Largest request body in bytes. */
  readonly bodyLimit?: number;
  /** Serves TLS only. */
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer; readonly minVersion: 'TLSv1.2' };
}

/** A server without routes. Anything thrown in a handler becomes Clair's `{code, message}`. */
export function createServer({ log, bodyLimit = 16 * MiB, certificate }: ServerOptions): FastifyInstance {
  const app = fastify({
    bodyLimit,
    ...(certificate && { https: certificate }),
    logger: false,
    exposeHeadRoutes: false,
    return503OnClosing: true,
    requestTimeout: 60_000, // to receive a request, not to answer it
    routerOptions: { maxParamLength: 512 },
  });
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
  app.addHook('onResponse', async (request, reply) => {
    log.info('handled HTTP request', {
      remote_addr: request.ip,
      method: request.method,
      request_uri: request.url,
      status: reply.statusCode,
      duration: `${reply.elapsedTime.toFixed(3)}ms`,
    });
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
  app.setErrorHandler((error, request, reply) => {
    const known = toAppError(error);
    if (known.code === 'internal-error') {
      const cause = known.cause instanceof Error ? known.cause.stack : undefined;
      log.error('request failed', {
        request_uri: request.url,
        reason: known.message,
        ...(cause && { cause }),
      });
    }
    const { status, wire } = ERRORS[known.code];
    if (known.code === 'too-many-requests') reply.header('retry-after', '1');
    return reply
      .code(status)
      .header('content-type', 'application/json')
      .header('x-content-type-options', 'nosniff')
      .send(JSON.stringify({ code: wire, message: known.message }));
  });
  return app;
}

/** What the framework refuses is the client's fault; anything else unknown is ours. */
function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (status >= 400 && status < 500) return new AppError('bad-request', messageOf(error), { cause: error });
  return new AppError('internal-error', 'internal server error', { cause: error });
}
