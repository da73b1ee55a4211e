import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../config/load-config.ts';
import { startCollector } from '../introspection/otlp/grpc/collector.fixture.ts';
import { noLog } from '../lib/log.ts';
import { startTelemetry } from './telemetry.ts';

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const METRICS = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

describe('startTelemetry', () => {
  for (const [name, metrics] of [
    ['metrics go where they are told to', 'own'],
    ['without their own endpoint, metrics are sent to that of the traces', 'none'],
  ] as const) {
    it(`sends over gRPC: ${name}`, async () => {
      await using traces = await startCollector();
      await using other = await startCollector();
      const to = (port: number) =>
        `otlp: {grpc: {endpoint: "127.0.0.1:${port}", insecure: true, compression: gzip}}`;
      const { config } = parseConfig(
        `introspection_addr: ""
trace: {name: otlp, probability: 1, ${to(traces.port)}}
metrics: {name: otlp${metrics === 'own' ? `, ${to(other.port)}` : ''}}`,
        '.yaml',
        'c.yaml',
      );
      {
        await using telemetry = await startTelemetry({
          config,
          mode: 'combo',
          log: noLog,
          heapIsTaken: false,
          authenticate: undefined,
          databases: () => undefined,
        });
        telemetry.tracer!.begin('GET /', undefined, {}).span!.end();
      }
      const paths = ({ received }: typeof traces) => received.map(({ headers }) => headers[':path']).sort();
      assert.deepEqual(paths(traces), metrics === 'own' ? [TRACES] : [METRICS, TRACES]);
      assert.deepEqual(paths(other), metrics === 'own' ? [METRICS] : []);
    });
  }
});
