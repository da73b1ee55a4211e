import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { fakeClock } from '../../../lib/clock.fixture.ts';
import { noLog } from '../../../lib/log.ts';
import { hasOpenssl } from '../../../lib/openssl.fixture.ts';
import { Secret } from '../../../lib/secret.ts';
import { createMetrics } from '../../metrics/registry.ts';
import { startTracing } from '../../traces/start-tracing.ts';
import { metricsDocument } from '../metrics.ts';
import { openExporter } from '../open-exporter.ts';
import type { GrpcTarget } from '../target.ts';
import { decode, messagesAt, type ReceivedCall, startCollector, status } from './collector.fixture.ts';
import { createGrpcExporter } from './exporter.ts';

const resource = { service: 'clairv4/test', version: '1' };
const never = new AbortController().signal;
const SPANS = { resourceSpans: [] };

function target(port: number, more: GrpcTarget = {}): GrpcTarget {
  return { endpoint: `127.0.0.1:${port}`, insecure: true, ...more };
}

async function sendTo(port: number, more?: GrpcTarget): Promise<void> {
  await using exporter = createGrpcExporter(target(port, more), 'traces');
  await exporter.send(SPANS, never);
}

describe('OTLP over gRPC', () => {
  for (const compression of ['none', 'gzip'] as const) {
    it(`brings spans, compression ${compression}`, async () => {
      await using collector = await startCollector();
      const grpc = target(collector.port, {
        compression,
        timeout: 8000,
        headers: { 'X-Key': new Secret('k') },
      });
      const tracer = await startTracing({
        // nobody is at http
        config: { name: 'otlp', probability: 1, otlp: { grpc, http: { endpoint: '127.0.0.1:1' } } },
        resource,
        debug: false,
        log: noLog,
      });
      const earliest = performance.timeOrigin + performance.now();
      const root = tracer.begin('GET /x', undefined, { path: '/x', code: -2, part: 0.5, ok: false });
      root.span!.child('inner', 'internal', {}).end('it broke');
      root.span!.end();
      await tracer[Symbol.asyncDispose]();

      const [{ headers, message }, ...others] = collector.received as [ReceivedCall, ...ReceivedCall[]];
      assert.equal(others.length, 0);
      assert.equal(headers[':path'], '/opentelemetry.proto.collector.trace.v1.TraceService/Export');
      assert.equal(headers['content-type'], 'application/grpc');
      assert.equal(headers.te, 'trailers');
      assert.match(String(headers['grpc-timeout']), /^[1-8]?\d{1,3}m$/); // what is left of 8 s
      assert.equal(headers['grpc-encoding'], compression === 'gzip' ? 'gzip' : undefined);
      assert.equal(headers['x-key'], 'k');

      const said = messagesAt(message, 1, 1, 1).map((each) => String(messagesAt(each, 2, 1)[0]));
      assert.deepEqual(said, ['clairv4/test', '1']);
      const [inner, outer] = messagesAt(message, 1, 2, 2).map(decode);
      const text = (field: unknown): string => String((field as Buffer[])[0]);
      const hex = (field: unknown): string => (field as Buffer[])[0]!.toString('hex');
      assert.deepEqual([text(inner!.get(5)), text(outer!.get(5))], ['inner', 'GET /x']);
      assert.equal(hex(outer!.get(1)), root.trace.traceId);
      assert.equal(hex(outer!.get(2)), root.trace.spanId);
      assert.equal(hex(inner!.get(4)), root.trace.spanId);
      assert.equal(outer!.get(4), undefined);
      assert.deepEqual([inner!.get(6), outer!.get(6)], [[1n], [2n]]);
      const failed = decode(inner!.get(15)![0] as Buffer);
      assert.deepEqual([text(failed.get(2)), failed.get(3)], ['it broke', [2n]]);
      const began = Number((outer!.get(7)![0] as Buffer).readBigUInt64LE()) / 1e6;
      assert.ok(began >= earliest - 1 && began <= performance.timeOrigin + performance.now(), String(began));
      const values = (outer!.get(9) as Buffer[]).map((each) => [
        text(decode(each).get(1)),
        hex(decode(each).get(2)),
      ]);
      assert.deepEqual(values, [
        ['path', `0a02${Buffer.from('/x').toString('hex')}`],
        ['code', '18feffffffffffffffff01'],
        ['part', '21000000000000e03f'],
        ['ok', '1000'],
      ]);
    });
  }

  it('brings metrics', async () => {
    await using collector = await startCollector();
    const metrics = createMetrics();
    metrics.count('requests_total', 'r', { code: 200 });
    metrics.gauge('depth', 'd', 7);
    for (const value of [0.5, 1.5, 9]) metrics.observe('seconds', 's', [1, 2], value);
    const document = metricsDocument(await metrics.values(), resource, { since: 1000, now: 2000 });
    await using exporter = await openExporter({ grpc: target(collector.port) }, 'metrics');
    await exporter.send(document, never);
    const [{ headers, message }] = collector.received as [ReceivedCall];
    assert.equal(headers[':path'], '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export');
    const all = messagesAt(message, 1, 2, 2);
    const by = (name: string) => all.find((each) => String(messagesAt(each, 1)[0]) === name)!;
    const [counted] = messagesAt(by('requests_total'), 7).map(decode);
    assert.deepEqual([counted!.get(2), counted!.get(3)], [[2n], [1n]]);
    assert.equal(messagesAt(by('requests_total'), 7, 1, 4)[0]!.readDoubleLE(), 1);
    assert.equal(messagesAt(by('depth'), 5, 1, 4)[0]!.readDoubleLE(), 7);
    assert.equal(messagesAt(by('depth'), 5, 1, 3)[0]!.readBigUInt64LE(), 2_000_000_000n);
    const [point] = messagesAt(by('seconds'), 9, 1).map(decode);
    const eight = (field: number) => point!.get(field)![0] as Buffer;
    assert.equal(eight(4).readBigUInt64LE(), 3n);
    assert.equal(eight(5).readDoubleLE(), 11);
    assert.deepEqual(
      [0, 8, 16].map((at) => eight(6).readBigUInt64LE(at)),
      [1n, 1n, 1n],
    );
    assert.deepEqual(
      [0, 8].map((at) => eight(7).readDoubleLE(at)),
      [1, 2],
    );
  });

  it('tells why it was refused, once', async () => {
    for (const [answer, want] of [
      [status(16, 'no%20token'), /127\.0\.0\.1:\d+: UNAUTHENTICATED: no token$/],
      [status(3, 'bad %'), /INVALID_ARGUMENT: bad %/],
      [status(99), /status 99/],
      [(stream) => stream.respond({ ':status': 404 }, { endStream: true }), /UNIMPLEMENTED: HTTP status 404/],
      [
        (stream) => stream.respond({ ':status': 200 }, { endStream: true }),
        /UNKNOWN: there is no grpc-status/,
      ],
      [(stream) => pour(stream), /INTERNAL: the answer is too long/],
      [(stream) => stream.close(13), /INTERNAL: the stream was reset \(13\)/],
    ] as [Parameters<typeof startCollector>[0], RegExp][]) {
      await using collector = await startCollector(answer);
      await assert.rejects(sendTo(collector.port), want);
      assert.equal(collector.received.length, 1, String(want));
    }
  });

  it('tries again what may pass, with pauses', async () => {
    await using collector = await startCollector((stream, call) => {
      if (call === 1) status(14, 'starting')(stream, call);
      else if (call === 2)
        stream.close(7); // refused
      else status(0)(stream, call);
    });
    const clock = fakeClock();
    await using exporter = createGrpcExporter(target(collector.port), 'traces', clock);
    await exporter.send(SPANS, never);
    assert.equal(collector.received.length, 3);
    const [first, second, ...more] = clock.slept;
    assert.ok(first! >= 125 && first! <= 375 && second! >= 250 && second! <= 750, String(clock.slept));
    assert.deepEqual(more, []);
  });

  it('connects anew when the connection is lost, in a call and between two', async () => {
    await using collector = await startCollector((stream, call) => {
      if (call === 1) stream.session!.destroy();
      else status(0)(stream, call);
    });
    const clock = fakeClock();
    await using exporter = createGrpcExporter(target(collector.port, { reconnect: 3000 }), 'traces', clock);
    await exporter.send(SPANS, never);
    assert.equal(collector.connections(), 2);
    assert.equal(clock.now(), 3000, 'no two attempts at once');
    await exporter.send(SPANS, never);
    assert.equal(collector.connections(), 2, 'one that is there is used');
    for (const session of collector.sessions) session.goaway();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await exporter.send(SPANS, never);
    assert.equal(collector.connections(), 3);
    assert.equal(collector.received.length, 4);
  });

  it('finds a collector that comes later, and one that comes again', async () => {
    const { port } = await freePort();
    await using exporter = createGrpcExporter(target(port), 'traces');
    await assert.rejects(exporter.send(SPANS, AbortSignal.timeout(50)), /abort|time/i);
    await using collector = await startCollector(undefined, undefined, port);
    await exporter.send(SPANS, never);
    assert.equal(collector.received.length, 1);
    await assert.rejects(sendTo((await freePort()).port, { timeout: 700 }), /UNAVAILABLE: .*ECONNREFUSED/);
  });

  it('waits no longer than it may, and not on the same connection again', async () => {
    await using collector = await startCollector((stream, call) => {
      if (call > 1) status(0)(stream, call);
    });
    await using exporter = createGrpcExporter(target(collector.port, { timeout: 500 }), 'traces');
    await assert.rejects(exporter.send(SPANS, never), /timeout/);
    await exporter.send(SPANS, never);
    assert.equal(collector.connections(), 2);
  });

  it('ends at once when the service does', async () => {
    await using collector = await startCollector(status(14));
    await using exporter = createGrpcExporter(target(collector.port), 'traces');
    await assert.rejects(exporter.send(SPANS, AbortSignal.timeout(100)), /stopp|abort|timeout/i);
  });

  it('bad-config', () => {
    for (const endpoint of ['a b', 'host:port', 'dns:///host:4317', 'host:99999', 'host/path', 'a@b:1']) {
      assert.throws(
        () => createGrpcExporter({ endpoint }, 'traces'),
        /not a valid endpoint: expected host:port/,
      );
    }
    const client_tls = { cert: '/nowhere/cert', key: '/nowhere/key' };
    assert.throws(() => createGrpcExporter({ client_tls }, 'traces'), /cannot read the client certificate/);
  });
});

describe('OTLP over gRPC with TLS', { skip: !hasOpenssl() && 'there is no openssl' }, () => {
  const root = mkdtempSync(join(tmpdir(), 'otlp-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  const at = (name: string) => join(root, name);

  it('trusts what the system trusts, and shows its certificate', async () => {
    for (const name of ['server', 'client']) {
      execFileSync(
        'openssl',
        [
          ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
          ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
          ...['-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)],
        ],
        { stdio: 'pipe' },
      );
    }
    const read = (name: string) => readFileSync(at(name));
    await using collector = await startCollector(undefined, {
      cert: read('server.crt'),
      key: read('server.key'),
      ca: read('client.crt'),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const client_tls = { cert: at('client.crt'), key: at('client.key') };
    const safe = { insecure: false, client_tls, timeout: 20_000 };
    await assert.rejects(sendTo(collector.port, safe), /UNAVAILABLE: .*self.signed/);
    // the system's certificates are read once in a process: another one
    const script = `
      import { createGrpcExporter } from ${JSON.stringify(new URL('./exporter.ts', import.meta.url).href)};
      const config = { endpoint: '127.0.0.1:${collector.port}', timeout: 20_000 };
      for (const client_tls of [${JSON.stringify(client_tls)}, undefined]) {
        await using exporter = createGrpcExporter({ ...config, client_tls }, 'traces');
        const result = exporter.send({ resourceSpans: [] }, new AbortController().signal);
        console.log(await result.then(() => 'sent', ({ message }) => message));
      }`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script],
      { env: { ...process.env, SSL_CERT_FILE: at('server.crt') } },
    );
    const [first, second] = stdout.split('\n');
    assert.equal(first, 'sent');
    assert.match(second!, /UNAVAILABLE/);
    assert.equal(collector.received.length, 1);
  });
});

function pour(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200 });
  stream.end(Buffer.alloc(100_000));
}

async function freePort(): Promise<{ port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return { port };
}
