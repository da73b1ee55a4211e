/** HTTP/2 beside HTTP/1.1 on one port: by prior knowledge without TLS, as Go's clients speak it, and by ALPN with TLS. */
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import {
  constants,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import { type TLSSocket, Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import { messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { tellProtocol } from './tell-protocol.ts';

/** Requests that one connection may have open: what Go's server takes as well. */
const MOST_STREAMS = 250;
/** Header fields of a request. */
const MOST_FIELDS = 256;
/** MB that a connection may hold of header fields and of frames that wait. */
const MOST_MEMORY = 4;

/** ms until a connection is cut off whose session has ended. */
const PARTING = 200;

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;

/** Offered to clients of TLS. */
export const ALPN_PROTOCOLS = ['h2', 'http/1.1'];

/** The same as for HTTP/1.1. */
export interface Http2Limits {
  /** ms until the first bytes of a connection must be there. */
  readonly headersTimeout: number;
  /** ms until a request must be there with its body. */
  readonly requestTimeout: number;
  /** ms that a connection may have no request, whatever else it sends. */
  readonly keepAliveTimeout: number;
  /** Bytes of all header fields of a request. */
  readonly maxHeaderSize: number;
  /** ms between two pings; a connection that has not answered one when the next is due is cut off. */
  readonly pingInterval: number;
}

type Listener = (this: HttpServer, socket: Socket) => void;

/** The open connections of HTTP/2. */
const sessionsOf = new WeakMap<FastifyInstance, Set<ServerHttp2Session>>();

/**
 * Lets `app` answer HTTP/2 too. A connection stays one of its server, so that what counts, closes or refuses connections
 * holds for both, and a request takes the same way through the same hooks.
 */
export function speakHttp2(app: FastifyInstance, limits: Http2Limits, log: Log): void {
  const sessions = new Set<ServerHttp2Session>();
  sessionsOf.set(app, sessions);
  const inner = createServer({
    maxSessionMemory: MOST_MEMORY,
    maxHeaderListPairs: MOST_FIELDS,
    settings: {
      maxConcurrentStreams: MOST_STREAMS,
      maxHeaderListSize: limits.maxHeaderSize,
      enablePush: false,
    },
  });
  /** The connection that becomes a session right now. */
  let opening: Socket | undefined;
  inner.on('session', (session) => {
    const socket = opening;
    sessions.add(session);
    session.once('close', () => {
      sessions.delete(session);
      // A session that failed says so, and then waits for its client to close: one that does not would keep it for ever.
      setTimeout(() => socket?.destroy(), PARTING).unref();
    });
    closeWhenIdle(session, limits.keepAliveTimeout);
    cutWhenSilent(session, limits.pingInterval);
    // As Node's HTTP/1.1 does: a client that ends its side wants no answer any more.
    socket?.once('end', () => session.destroy());
  });
  inner.on('sessionError', (error, session) => {
    log.debug('a connection of HTTP/2 failed', { reason: messageOf(error) });
    session.destroy();
  });
  inner.on('request', (request, response) => {
    if (!prepare(request, response, limits)) return;
    app.routing(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  inner.on('checkContinue', (request, response) => {
    if (!prepare(request, response, limits)) return;
    app.server.emit('checkContinue', request as unknown as IncomingMessage, response);
  });

  const server = app.server as HttpServer;
  const hasTls = server instanceof TlsServer;
  const event = hasTls ? 'secureConnection' : 'connection';
  const listeners = server.listeners(event) as Listener[];
  const http1 = (socket: Socket): void => {
    for (const listener of listeners) listener.call(server, socket);
  };
  const http2 = (socket: Socket): void => {
    opening = socket;
    inner.emit('connection', socket);
    opening = undefined;
  };
  const late = (socket: Socket): void => {
    const error = Object.assign(new Error('nothing was sent'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    server.emit('clientError', error, socket);
  };
  server.removeAllListeners(event);
  server.on(event, (socket: Socket) => {
    if (!hasTls) tellProtocol(socket, { timeout: limits.headersTimeout, http1, http2, late });
    else if ((socket as TLSSocket).alpnProtocol === 'h2') http2(socket);
    else http1(socket);
  });
  // Each ends once its requests are answered.
  app.addHook('preClose', async () => {
    for (const session of sessions) session.close();
  });
}

/** Cuts all connections of `app` off, of either protocol. */
export function closeAllConnections(app: FastifyInstance): void {
  app.server.closeAllConnections();
  for (const session of sessionsOf.get(app) ?? []) session.destroy();
}

/** Pings and settings keep no connection open, only requests do: a header that comes byte by byte is none yet. */
function closeWhenIdle(session: ServerHttp2Session, ms: number): void {
  let streams = 0;
  let idle = setTimeout(() => session.destroy(), ms);
  session.on('stream', (stream) => {
    streams += 1;
    clearTimeout(idle);
    stream.on('error', () => {}); // told to who reads or writes it
    stream.once('close', () => {
      streams -= 1;
      if (streams === 0 && !session.destroyed) idle = setTimeout(() => session.close(), ms);
    });
  });
  session.once('close', () => clearTimeout(idle));
}

/**
 * After some faults of a client, Node has said goodbye and reads no more, and tells nobody: not even the end of the
 * connection is noticed then. The same for a client whose machine has gone.
 */
function cutWhenSilent(session: ServerHttp2Session, ms: number): void {
  let isWaiting = false;
  const beat = setInterval(() => {
    if (isWaiting || session.destroyed) return session.destroy();
    isWaiting = true;
    session.ping((error) => {
      isWaiting = error !== null;
    });
  }, ms);
  session.once('close', () => clearInterval(beat));
}

/** Bounds a request, and the body that nobody wants any more. False if it is answered already: its header is too large. */
function prepare(
  request: Http2ServerRequest,
  response: Http2ServerResponse,
  { requestTimeout, maxHeaderSize }: Http2Limits,
): boolean {
  const { headers, stream } = request;
  // RFC 9113 §8.1: an answer may come before its request is there; the rest of that is not asked for.
  response.once('finish', () => {
    if (!request.complete) stream.close(NGHTTP2_NO_ERROR);
  });
  if (!stream.endAfterHeaders) {
    const late = setTimeout(() => stream.close(NGHTTP2_CANCEL), requestTimeout);
    request.once('end', () => clearTimeout(late));
    stream.once('close', () => clearTimeout(late));
  }
  if (request.rawHeaders.reduce((size, text) => size + text.length, 0) > maxHeaderSize) {
    response.writeHead(431, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' });
    response.end(JSON.stringify({ code: 'bad-request', message: 'the header fields are too large' }));
    return false;
  }
  // By this header the framework knows that a body comes whose length is unknown; no client may send it (RFC 9113 §8.2.2).
  if (!stream.endAfterHeaders && headers['content-length'] === undefined) {
    headers['transfer-encoding'] = 'chunked';
  }
  return true;
}
