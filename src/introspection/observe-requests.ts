/** What is noted of every request to the API: a line in the log, metrics, a span; and which request its work is for. */
import { constants, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { parseTraceContext, randomId } from '../lib/trace-context.ts';
import { type Work, within } from '../lib/work-context.ts';
import type { Handled, HttpMetrics } from './metrics/http-metrics.ts';
import type { Begun, Tracer } from './traces/tracer.ts';

export interface ObserveOptions {
  readonly log: Log;
  readonly metrics: HttpMetrics;
  /** undefined: nothing is recorded; the trace of the caller is handed on. */
  readonly tracer: Tracer | undefined;
}

/** Clair's status for a client that went away before its answer. */
const GONE = 499;
/** Of an answer that we could not bring to its end, whatever it began with. */
const BROKEN = 500;

/** To be called before anything else adds hooks: refused requests count as well. */
export function observeRequests(app: FastifyInstance, { log, metrics, tracer }: ObserveOptions): void {
  const seen = new WeakMap<FastifyRequest, { readonly work: Work; readonly socket: Socket }>();
  const broken = new WeakSet<FastifyRequest>();

  app.addHook('onRequest', (request, reply, done) => {
    const start = performance.now();
    // Kept: what destroys a request, as a pipeline does that fails, takes its socket from it.
    const { socket } = request.raw;
    const before = socket.bytesWritten;
    const { headers, method } = request;
    const route = request.routeOptions.url ?? '';
    const parent = parseTraceContext(one(headers.traceparent), one(headers.tracestate));
    const begun: Partial<Begun> =
      tracer?.begin(`${method} ${route || 'unknown'}`, parent, {
        'http.request.method': method,
        'http.route': route,
        'url.path': request.url.split('?')[0] ?? '',
        'url.scheme': request.protocol,
      }) ?? (parent === undefined ? {} : { trace: parent });
    // clair-service.md#log: the id of the trace if there is one
    const work: Work = { requestId: begun.trace?.traceId ?? randomId(8), ...begun };
    seen.set(request, { work, socket });
    const ended = metrics.begin(route);
    reply.raw.once('close', () => {
      const gone = broken.has(request) ? BROKEN : GONE;
      const status = reply.raw.writableFinished ? reply.raw.statusCode : gone;
      const seconds = (performance.now() - start) / 1000;
      const written = bytesOf(reply, socket.bytesWritten - before);
      const received = Number(headers['content-length']) || 0;
      const handled: Handled = { route, method, status, seconds, received, written };
      ended(handled);
      begun.span?.set({ 'http.response.status_code': status, 'http.response.body.size': written });
      begun.span?.end(status >= 500 ? `answered ${status}` : undefined);
      within(work, () => tell(log, request, handled));
    });
    within(work, done);
  });

  app.addHook('onSend', (request, reply, payload, done) => {
    if (payload instanceof Readable) {
      payload.once('error', (error) => {
        const { raw } = reply;
        // Before the first byte it is answered like any other failure; after the client went away there is none.
        if (!raw.headersSent || raw.destroyed) return;
        broken.add(request);
        const about = { remote_addr: request.ip, request_uri: request.url, reason: messageOf(error) };
        const { work = {}, socket = request.raw.socket } = seen.get(request) ?? {};
        within(work, () => log.error('response interrupted', about));
        const answer: unknown = raw;
        // One of several on its connection: the others go on.
        if (answer instanceof Http2ServerResponse) answer.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
        else breakOff(socket);
      });
    }
    done(null, payload);
  });

  // The body of a request comes by events of its socket, which is nobody's.
  app.addHook('preHandler', (request, _reply, done) => within(seen.get(request)?.work ?? {}, done));
}

/** Ends it as no whole answer ends, also for clients of HTTP/1.0, to which the end of the connection is that of the answer. */
function breakOff(socket: Socket): void {
  if (socket instanceof TLSSocket)
    socket.destroy(); // without the closing alert of TLS
  else socket.resetAndDestroy();
}

function tell(log: Log, request: FastifyRequest, { method, status, written, seconds }: Handled): void {
  log.info(status === 429 ? 'rate limited HTTP request' : 'handled HTTP request', {
    remote_addr: request.ip,
    method,
    request_uri: request.url,
    status,
    written,
    duration: `${(1000 * seconds).toFixed(3)}ms`,
  });
}

/** Of the body, as it went over the wire; of one without a length a little more: what was sent in all. */
function bytesOf(reply: FastifyReply, sent: number): number {
  if (reply.raw.req.method === 'HEAD' || [204, 304].includes(reply.raw.statusCode)) return 0;
  const length = reply.raw.getHeader('content-length');
  // A connection of HTTP/2 that is gone says nothing.
  return length === undefined ? Math.max(0, sent || 0) : Number(length);
}

/** The first of a header that may be there several times. */
function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
