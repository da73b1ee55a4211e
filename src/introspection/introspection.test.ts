import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Database } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { createServer as createApp } from '../http/server.ts';
import { createLog, noLog } from '../lib/log.ts';
import { traced, traceHeaders } from '../lib/work-context.ts';
import { createListener } from './listener.ts';
import { createHttpMetrics } from './metrics/http-metrics.ts';
import { measuredDatabase } from './metrics/measured-database.ts';
import { measuredTransport } from './metrics/measured-notifier.ts';
import { pushMetrics } from './metrics/push-metrics.ts';
import { createMetrics } from './metrics/registry.ts';
import { observeRequests } from './observe-requests.ts';
import { metricsDocument } from './otlp/metrics.ts';
import { createProfiler } from './profiles/profiler.ts';
import { createReadiness } from './readiness.ts';
import { createSampler } from './traces/sampler.ts';
import { startTracing } from './traces/start-tracing.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents are read as a collector without types would
type Json = any;

describe('createReadiness', () => {
  it('asks each database once a second, and none that hangs twice', async () => {
    let pings = 0;
    const ping = (): Promise<void> => {
      pings++;
      return new Promise(() => {});
    };
    const hung = { ping, lastAnswer: () => Number.NEGATIVE_INFINITY };
    const isReady = createReadiness(() => [hung], { hold: 0, patience: 20 });
    assert.deepEqual(await Promise.all([isReady(), isReady()]), [false, false]);
    await sleep(5);
    assert.equal(await isReady(), false);
    assert.equal(pings, 1);
  });

  it('takes a busy pool for ready while others get answers', async () => {
    const busy = { ping: () => new Promise(() => {}), lastAnswer: () => performance.now() };
    assert.equal(await createReadiness(() => [busy], { patience: 10 })(), true);
  });

  it('is not ready before the start is over, nor when a database refuses', async () => {
    const good = { ping: async () => [], lastAnswer: () => 0 };
    const bad = { ping: () => Promise.reject(new Error('no')), lastAnswer: () => performance.now() };
    for (const [databases, want] of [
      [undefined, false],
      [[], true],
      [[good], true],
      [[good, bad], false],
    ] as const) {
      assert.equal(await createReadiness(() => databases)(), want);
    }
  });
});

describe('createListener', () => {
  const cases: [
    method: string,
    path: string,
    headers: Record<string, string>,
    status: number,
    body: string,
  ][] = [
    ['GET', '/healthz', {}, 200, 'ok'],
    ['POST', '/healthz', {}, 200, 'ok'],
    ['GET', '/readyz', {}, 503, ''],
    ['HEAD', '/readyz', {}, 503, ''],
    ['POST', '/readyz', {}, 405, ''],
    ['GET', '/metrics', {}, 401, ''],
    ['GET', '/nope', {}, 401, ''],
    ['GET', '/metrics', { authorization: 'yes' }, 200, 'm'],
    ['POST', '/metrics', { authorization: 'yes' }, 405, 'want GET, not POST\n'],
    ['GET', '/below/x', { authorization: 'yes' }, 200, 'b'],
    ['GET', '/nope', { authorization: 'yes' }, 404, '404 page not found\n'],
    ['GET', '/broken', { authorization: 'yes' }, 500, 'broken\n'],
  ];
  it('answers each path as it should', async () => {
    const server = createListener({
      isReady: async () => false,
      handlers: {
        '/metrics': async (_request, response) => void response.end('m'),
        '/below/': async (_request, response) => void response.end('b'),
        '/broken': () => Promise.reject(new Error('broken')),
      },
      authenticate: async ({ headers }) => {
        if (headers.authorization !== 'yes') throw new Error('no token');
      },
      log: noLog,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const [method, path, headers, status, body] of cases) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
      assert.deepEqual([path, answer.status, await answer.text()], [path, status, body]);
    }
    server.closeAllConnections();
    server.close();
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
    const app = createApp({ log, observe: (to) => observeRequests(to, observe) });
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

describe('createSampler', () => {
  const parent = (sampled: boolean) => ({ traceId: 'a', spanId: 'b', sampled });
  const low = '0'.repeat(32);
  const high = 'f'.repeat(32);
  const cases: [boolean, number | undefined, string, boolean | undefined, boolean][] = [
    [true, undefined, high, false, true],
    [false, undefined, low, undefined, false],
    [false, undefined, high, true, true],
    [false, 1, high, undefined, true],
    [false, 1, high, false, false],
    [false, 0.5, low, undefined, true],
    [false, 0.5, high, undefined, false],
  ];
  for (const [debug, probability, id, said, want] of cases) {
    it(`debug ${debug}, ${probability}, caller ${said} -> ${want}`, () =>
      assert.equal(
        createSampler({ debug, probability })(id, said === undefined ? undefined : parent(said)),
        want,
      ));
  }
});

describe('OTLP', () => {
  it('sends spans in batches, compressed, and counts those that nobody took', async () => {
    const got: { url: string | undefined; key: unknown; spans: Json[] }[] = [];
    let status = 200;
    const collector = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const { resourceSpans } = JSON.parse(gunzipSync(Buffer.concat(parts)).toString());
      const { spans } = resourceSpans[0].scopeSpans[0];
      got.push({ url: request.url, key: request.headers['x-key'], spans });
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    const { port } = collector.address() as AddressInfo;
    const http = {
      endpoint: `127.0.0.1:${port}`,
      insecure: true,
      compression: 'gzip',
      headers: { 'x-key': 'k' },
    } as const;
    const warnings: string[] = [];
    await using tracer = await startTracing({
      config: { name: 'otlp', probability: 1, otlp: { http } },
      resource: { service: 'clairv4/test', version: '1' },
      debug: false,
      log: { ...noLog, warn: (message) => warnings.push(message) },
    });
    const end = (count: number): void => {
      for (let n = 0; n < count; n++) tracer.begin(`span ${n}`, undefined, { n }).span?.end();
    };
    end(600);
    while (got.length < 2) await sleep(10);
    assert.deepEqual(
      got.map(({ spans }) => spans.length),
      [512, 88],
    );
    assert.deepEqual([got[0]?.url, got[0]?.key], ['/v1/traces', 'k']);
    status = 500;
    end(10_000);
    await tracer[Symbol.asyncDispose]();
    assert.ok(tracer.dropped() > 4000, 'no more than so many wait');
    assert.deepEqual(warnings, ['traces could not be sent']);
    collector.closeAllConnections();
    collector.close();
  });

  it('says counters, gauges and histograms', async () => {
    const metrics = createMetrics();
    metrics.count('requests_total', 'r', { code: 200 });
    metrics.gauge('depth', 'd', 7);
    for (const value of [0.5, 1.5, 9]) metrics.observe('seconds', 's', [1, 2], value);
    const document: Json = metricsDocument(
      await metrics.values(),
      { service: 's', version: 'v' },
      { since: 1000, now: 2000 },
    );
    const all: Json[] = document.resourceMetrics[0].scopeMetrics[0].metrics;
    const by = (name: string): Json => all.find((metric) => metric.name === name);
    assert.equal(by('requests_total').sum.dataPoints[0].asDouble, 1);
    assert.equal(by('requests_total').sum.isMonotonic, true);
    assert.equal(by('depth').gauge.dataPoints[0].asDouble, 7);
    const [point] = by('seconds').histogram.dataPoints;
    assert.deepEqual(
      [point.explicitBounds, point.bucketCounts, point.count, point.sum],
      [[1, 2], ['1', '1', '1'], '3', 11],
    );
    assert.equal(point.timeUnixNano, '2000000000');
  });
});

describe('measuredDatabase', () => {
  it('counts statements, also those of transactions, under their names and those of Clair', async () => {
    const query = async ({ name }: { name?: string }): Promise<never[]> => {
      if (name === 'delete-old-runs') throw new Error('no');
      return [];
    };
    const session = { query, copyIn: async () => 1 };
    const fake = {
      ...session,
      transaction: (work: (tx: object) => Promise<unknown>) => work({ ...session, copyOut: async () => {} }),
      figures: () => ({
        max: 10,
        total: 3,
        idle: 1,
        waiting: 0,
        acquires: 5,
        acquireSeconds: 2,
        emptyAcquires: 1,
      }),
    } as unknown as Database;
    const metrics = createMetrics();
    const db = measuredDatabase(fake, 'matcher', metrics);
    await db.query({ name: 'match-all', text: '' });
    await db.transaction((tx) => tx.query({ name: 'match-all', text: '' }));
    await assert.rejects(db.query({ name: 'delete-old-runs', text: '' }));
    assert.ok(performance.now() - db.lastAnswer() < 1000);
    const text = await metrics.text();
    for (const line of [
      'claircore_vulnstore_getvulnerabilities_total{query="match-all"} 2',
      'claircore_vulnstore_getvulnerabilities_duration_seconds_count{query="match-all"} 2',
      'claircore_vulnstore_gc_total{query="delete-old-runs",success="false"} 1',
      'clair_db_statement_errors_total{service="matcher",statement="delete-old-runs"} 1',
      'pgxpool_acquired_conns{application_name="libvuln"} 2',
      'pgxpool_acquire_count{application_name="libvuln"} 5',
    ]) {
      assert.ok(text.includes(line), line);
    }
    assert.ok((await metrics.text()).includes('pgxpool_acquire_count{application_name="libvuln"} 5'));
  });
});

describe('createProfiler', () => {
  it('takes one profile at a time, and none for who has left', async () => {
    const profiler = createProfiler();
    const { signal } = new AbortController();
    const first = profiler.take('cpu', 0.05, signal);
    await assert.rejects(profiler.take('heap', 0.01, signal), { code: 'too-many-requests' });
    assert.ok(JSON.parse(await first).nodes.length > 0);
    assert.ok(JSON.parse(await profiler.take('heap', 0.01, signal)).head);
    await assert.rejects(profiler.take('cpu', 60, AbortSignal.timeout(20)));
    assert.ok(JSON.parse(await profiler.take('cpu', 0.01, signal)).nodes);
  });
});

describe('measuredTransport', () => {
  it('makes a trace of each delivery, and tells the receiver', async () => {
    const headers: Record<string, string>[] = [];
    const transport = {
      name: 'webhook',
      direct: false,
      callback: '',
      async deliver() {
        headers.push(traceHeaders());
        if (headers.length > 1) throw new Error('refused');
      },
      [Symbol.asyncDispose]: async () => {},
    } as const;
    const metrics = createMetrics();
    await using tracer = await startTracing({
      config: { name: 'stdout', probability: 1 },
      resource: { service: 's', version: 'v' },
      debug: false,
      log: noLog,
      print() {},
    });
    const measured = measuredTransport(transport, metrics, tracer);
    const delivery = { notificationId: 'n', callback: '' };
    const { signal } = new AbortController();
    await measured.deliver(delivery, signal);
    await assert.rejects(measured.deliver(delivery, signal), /refused/);
    assert.match(headers[0]?.traceparent ?? '', /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.notEqual(headers[0]?.traceparent, headers[1]?.traceparent);
    const text = await metrics.text();
    for (const outcome of ['ok', 'failed']) {
      const labels = `transport="webhook",outcome="${outcome}"`;
      assert.ok(text.includes(`clair_notifier_delivery_duration_seconds_count{${labels}} 1`), outcome);
    }
  });
});

describe('pushMetrics', () => {
  it('sends them again and again, and once more at the end', async () => {
    const metrics = createMetrics();
    metrics.gauge('depth', 'd', 1);
    const printed: Json[] = [];
    const resource = { service: 's', version: 'v' };
    {
      await using _push = await pushMetrics({
        metrics,
        resource,
        otlp: undefined,
        log: noLog,
        interval: 5,
        print: (text) => printed.push(JSON.parse(text)),
      });
      while (printed.length < 2) await sleep(5);
      metrics.gauge('depth', 'd', 2);
    }
    const all = printed.at(-1).resourceMetrics[0].scopeMetrics[0].metrics;
    assert.equal(all.find((metric: Json) => metric.name === 'depth').gauge.dataPoints[0].asDouble, 2);
  });
});
