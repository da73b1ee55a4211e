/** Health, readiness, metrics and profiles, on an address of their own (clair-service.md#introspection). */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../errors.ts';
import { checkTarget, originForm } from '../http/request-target.ts';
import { logAcceptErrors } from '../lib/accept-errors.ts';
import type { Log } from '../lib/log.ts';

/** Answers one path; other methods than GET and HEAD do not get here. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface ListenerOptions {
  readonly isReady: () => Promise<boolean>;
  /** What does not keep it from being ready, and should be known: everybody may read it. */
  readonly notes?: () => readonly string[];
  /** By path, without a query; one that ends with a slash takes what is below it, too. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Throws, with the reason, if the request may not pass; undefined: everybody may. */
  readonly authenticate?: ((request: IncomingMessage) => Promise<void>) | undefined;
  readonly log: Log;
}

/** `/healthz`: 200 while the process answers. `/readyz`: 200 when `isReady` says so, else 503; the body is what `notes` says. */
export function createListener(options: ListenerOptions): Server {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.log.warn('introspection failed', { request_uri: request.url, reason: messageOf(error) });
      if (response.headersSent) response.destroy();
      else text(response, 500, 'internal server error: see the log\n');
    });
  });
  logAcceptErrors(server, options.log);
  server.requestTimeout = 10_000;
  server.maxConnections = 256;
  return server;
}

async function answer(
  { isReady, notes = () => [], handlers, authenticate, log }: ListenerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = originForm(request);
  try {
    checkTarget(request, target);
  } catch (error) {
    return text(response, 400, `${messageOf(error)}\n`);
  }
  const path = target.split('?')[0] ?? '/';
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (path === '/healthz') return text(response, 200, 'ok');
  if (path === '/readyz') {
    response.setHeader('cache-control', 'no-store');
    // differs: HEAD as well, for probes that use it (clair-service.md#health)
    const status = !isRead ? 405 : (await isReady()) ? 200 : 503;
    const said = notes();
    if (said.length > 0) return text(response, status, `${said.join('\n')}\n`);
    response.setHeader('x-content-type-options', 'nosniff');
    response.statusCode = status;
    response.setHeader('content-length', 0);
    response.end();
    return;
  }
  if (authenticate !== undefined) {
    try {
      await authenticate(request);
    } catch (error) {
      log.debug('introspection refused', { request_uri: request.url, reason: messageOf(error) });
      response.setHeader('www-authenticate', 'Bearer');
      return text(response, 401, '');
    }
  }
  const handler = handlers[path] ?? below(handlers, path);
  if (handler === undefined) return text(response, 404, '404 page not found\n');
  if (!isRead) {
    response.setHeader('allow', 'GET, HEAD');
    return text(response, 405, `method ${request.method} is not allowed, use GET\n`);
  }
  await handler(request, response);
}

function below(handlers: ListenerOptions['handlers'], path: string): Handler | undefined {
  const [, handler] =
    Object.entries(handlers).find(([prefix]) => prefix.endsWith('/') && path.startsWith(prefix)) ?? [];
  return handler;
}

/** Answers with plain text. */
export function text(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.statusCode = status;
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(body);
}
