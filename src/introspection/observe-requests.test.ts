import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../errors.ts';
import { createServer } from '../http/server.ts';
import { createLog } from '../lib/log.ts';
import { traced } from '../lib/work-context.ts';
import { createHttpMetrics } from './metrics/http-metrics.ts';
import { createMetrics } from './metrics/registry.ts';
import { observeRequests } from './observe-requests.ts';
import { startTracing } from './traces/start-tracing.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents are read as a collector without types would
type Json = any;

type Line = Readonly<Record<string, unknown>>;

describe('an answer that is streamed', () => {
  const lines: Line[] = [];
  const metrics = createMetrics();
  const trace = 'a'.repeat(32);
  let app: FastifyInstance;
  let port = 0;
  let isOver = Promise.withResolvers<void>();

  /** Of the route `/matcher/KIND`: random digits, so that coders have something to send at once. */
  async function* pieces(kind: string): AsyncGenerator<string> {
    try {
      if (kind === 'at-once') throw new Error('no database');
      for (let count = 0; kind === 'endless' || count < 20; count++) {
        yield Array.from({ length: 4000 }, () => Math.random()).join();
        await sleep(1);
      }
      if (kind === 'broken') throw new Error('database is gone');
    } finally {
      isOver.resolve();
    }
  }

  before(async () => {
    const log = createLog('info', { write: (line) => lines.push(JSON.parse(line)) });
    const observe = { log, metrics: createHttpMetrics(metrics), tracer: undefined };
    app = createServer({ log, observe: (to) => observeRequests(to, observe) });
    app.get('/matcher/:kind', async (request, reply) =>
      reply
        .type('application/json')
        .send(Readable.from(pieces((request.params as { kind: string }).kind), { objectMode: false })),
    );
    await app.listen({ host: '127.0.0.1', port: 0 });
    port = (app.server.address() as AddressInfo).port;
  });
  after(() => {
    app.server.closeAllConnections();
    return app.close();
  });
  beforeEach(() => {
    lines.length = 0;
    isOver = Promise.withResolvers();
  });

  const ask = (kind: string, coding = 'identity'): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/matcher/${kind}`, {
      headers: { 'accept-encoding': coding, traceparent: `00-${trace}-${'b'.repeat(16)}-00` },
    });
  async function logged(count: number): Promise<unknown[]> {
    while (lines.length < count) await sleep(5);
    return lines.map(({ level, msg, request_id, status, reason }) => [
      level,
      msg,
      request_id,
      status ?? reason,
    ]);
  }
  const handled = (status: number): unknown[] => ['INFO', 'handled HTTP request', trace, status];

  for (const coding of ['identity', 'gzip', 'zstd']) {
    it(`is cut off and logged if it fails in the middle (${coding})`, async () => {
      const answer = await ask('broken', coding);
      assert.equal(answer.status, 200);
      await assert.rejects(answer.text());
      assert.deepEqual(await logged(2), [
        ['ERROR', 'response interrupted', trace, 'database is gone'],
        handled(500),
      ]);
    });

    it(`is nothing to talk of if it is whole (${coding})`, async () => {
      assert.ok((await (await ask('whole', coding)).text()).length > 100_000);
      assert.deepEqual(await logged(1), [handled(200)]);
    });

    it(`is no failure of ours if the client goes away (${coding})`, async () => {
      const answer = await ask('endless', coding);
      await answer.body?.cancel();
      await isOver.promise;
      assert.deepEqual(await logged(1), [handled(499)]);
    });
  }

  it('is counted though its connection of HTTP/2 is gone', async () => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const closed = once(session, 'close');
    session.on('error', () => {});
    session
      .request({ ':path': '/matcher/endless' })
      .on('error', () => {})
      .once('data', () => session.destroy());
    await closed;
    await isOver.promise;
    while (lines.length === 0) await sleep(5);
    assert.deepEqual(
      lines.map(({ msg, status, written }) => [msg, status, typeof written]),
      [['handled HTTP request', 499, 'number']],
    );
  });

  it('is an answer like any other if it fails at once', async () => {
    const answer = await ask('at-once');
    assert.equal(answer.status, 500);
    assert.match(await answer.text(), /internal-error|internal server error/);
    assert.deepEqual((await logged(2)).at(-1), handled(500));
  });

  it('is no whole answer to a client of HTTP/1.0 either', async () => {
    const socket = connect(port, '127.0.0.1').resume();
    socket.write('GET /matcher/broken HTTP/1.0\r\n\r\n');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
  });
});

describe('requests', () => {
  it('are counted under the names of Clair, logged and traced', async () => {
    const spans: Json[] = [];
    const lines: Json[] = [];
    const log = createLog('info', { write: (line) => lines.push(JSON.parse(line)) });
    await using tracer = await startTracing({
      config: { name: 'stdout', probability: 1 },
      resource: { service: 'clairv4/test', version: '1' },
      debug: false,
      log,
      print: (text) => spans.push(...JSON.parse(text).resourceSpans[0].scopeSpans[0].spans),
    });
    const metrics = createMetrics();
    const observe = { log, metrics: createHttpMetrics(metrics), tracer };
    const app = createServer({ log, observe: (to) => observeRequests(to, observe) });
    app.post('/matcher/api/v1/vulnerability_report/*', async (request) => {
      await traced('inner', { rows: 1 }, async () => log.info('inside', { body: String(request.body) }));
      return 'four';
    });
    app.get('/indexer/api/v1/index_report/:digest', async () => {
      throw new AppError('too-many-requests', 'later');
    });
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'content-type': 'text/plain' };
    const path = '/matcher/api/v1/vulnerability_report/x?token=secret';
    await (await fetch(address + path, { method: 'POST', body: 'x'.repeat(1000), headers })).text();
    await (await fetch(`${address}/indexer/api/v1/index_report/x`)).text();
    await app.close();
    await tracer[Symbol.asyncDispose]();

    const text = await metrics.text();
    for (const line of [
      'clair_http_matcherv1_request_total{code="200",handler="/matcher/api/v1/vulnerability_report/",method="post"} 1',
      'clair_http_matcherv1_in_flight_requests{handler="/matcher/api/v1/vulnerability_report/"} 0',
      'clair_http_matcherv1_request_duration_seconds_bucket{le="0.5",code="200",handler="/matcher/api/v1/vulnerability_report/",method="post"} 1',
      'clair_http_matcherv1_request_size_bytes_sum{code="200",handler="/matcher/api/v1/vulnerability_report/",method="post"} 1000',
      'clair_http_indexerv1_request_total{code="429",handler="/indexer/api/v1/index_report/:digest",method="get"} 1',
      'clair_http_concurrencylimited_total{endpoint="/indexer/api/v1/index_report/:digest",method="get"} 1',
    ]) {
      assert.ok(text.includes(line), line);
    }
    assert.deepEqual(
      lines.map(({ msg, request_id, status }) => [msg, request_id === trace, status]),
      [
        ['inside', true, undefined],
        ['handled HTTP request', true, 200],
        ['rate limited HTTP request', false, 429],
      ],
    );
    assert.match(lines[1].request_uri, /token=\[hidden\]$/);
    const [inner, outer] = spans;
    assert.deepEqual([inner.name, outer.name], ['inner', 'POST /matcher/api/v1/vulnerability_report/*']);
    assert.deepEqual([inner.traceId, outer.traceId], [trace, trace]);
    assert.deepEqual([inner.parentSpanId, outer.parentSpanId], [outer.spanId, '00f067aa0ba902b7']);
    assert.ok(BigInt(inner.startTimeUnixNano) >= BigInt(outer.startTimeUnixNano));
    assert.ok(!JSON.stringify(spans).includes('secret'));
  });
});
