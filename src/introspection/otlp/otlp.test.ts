import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { noLog } from '../../lib/log.ts';
import { Secret } from '../../lib/secret.ts';
import { pushMetrics } from '../metrics/push-metrics.ts';
import { createMetrics } from '../metrics/registry.ts';
import { createSampler } from '../traces/sampler.ts';
import { startTracing } from '../traces/start-tracing.ts';
import { metricsDocument } from './metrics.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents are read as a collector without types would
type Json = any;

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
      headers: { 'X-Key': new Secret('k') },
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
