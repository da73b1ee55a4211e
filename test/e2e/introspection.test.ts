/** How `clair` tells how it is: health, metrics, traces, profiles, and who may see them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { connect } from '../../src/db/database.ts';
import { mintBearer } from '../../src/http/auth/tokens.ts';
import { freePort } from '../conformance/service.ts';
import { isDocumented } from '../metric-docs.ts';
import { digestOf, makeTar } from './make-image.ts';
import { type Running, runToEnd, start } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

const KEY = Buffer.from('introspection');
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const folder = mkdtempSync(join(tmpdir(), 'clair-introspection-'));
after(() => rmSync(folder, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noExplicitAny: documents are read as a collector without types would
type Json = any;

function writeConfig(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('introspection of clair -mode combo', () => {
  const open = new AsyncDisposableStack();
  const spans: Json[] = [];
  let world: World;
  let service: Running;
  let address = '';
  let introspection = '';

  before(async () => {
    world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    const collector = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const document = JSON.parse(Buffer.concat(parts).toString());
      spans.push(...document.resourceSpans[0].scopeSpans[0].spans);
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    open.defer(() => {
      collector.closeAllConnections();
      collector.close();
    });
    const [port, port2] = [await freePort(), await freePort()];
    address = `http://127.0.0.1:${port}`;
    introspection = `http://127.0.0.1:${port2}`;
    const config = worldConfig(world, {
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: `127.0.0.1:${port2}`,
      introspection_auth: true,
      indexer: { connstring: dsn, migrations: true },
      matcher: { connstring: dsn, migrations: true, disable_enrichment: true },
      auth: { psk: { key: KEY.toString('base64'), iss: 'test' } },
      trace: {
        name: 'otlp',
        otlp: {
          http: { endpoint: `127.0.0.1:${(collector.address() as AddressInfo).port}`, insecure: true },
        },
      },
    });
    const flags = ['-cpuprofile', join(folder, 'cpu.json'), '-memprofile', join(folder, 'heap.json')];
    service = open.use(start('clair', ['-conf', writeConfig('good.yaml', config), ...flags]));
    await service.waitFor(/feeds updated/);
    const blob = gzipSync(makeTar(ALPINE));
    const hash = digestOf(blob);
    world.blobs.set(hash, blob);
    const manifest = {
      hash: digestOf('manifest'),
      layers: [{ hash, uri: `${world.address}/blobs/${hash}` }],
    };
    const headers = { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` };
    const posted = await ask(`${address}/indexer/api/v1/index_report`, {
      method: 'POST',
      headers,
      body: JSON.stringify(manifest),
    });
    assert.equal(posted.status, 201);
    await posted.text();
    const report = await ask(`${address}/matcher/api/v1/vulnerability_report/${manifest.hash}`, { headers });
    assert.equal(report.status, 200);
    await report.text();
  });
  after(() => open.disposeAsync());

  async function ask(url: string, init: RequestInit = {}): Promise<Response> {
    const authorization = await mintBearer(KEY, 'test', new Date());
    return await fetch(url, { ...init, headers: { ...init.headers, authorization } });
  }

  it('shows health to everybody, the rest to those who may', async () => {
    for (const [path, open, closed] of [
      ['/healthz', 200, 200],
      ['/readyz', 200, 200],
      ['/metrics', 401, 200],
      ['/debug/pprof/', 401, 200],
      ['/debug/pprof/cmdline', 401, 200],
      ['/debug/pprof/heap?seconds=0.01', 401, 429], // -memprofile
      ['/debug/pprof/profile?seconds=0.01', 401, 200],
      ['/debug/pprof/profile?seconds=0', 401, 400],
      ['/debug/pprof/nothing', 401, 404],
    ] as const) {
      const [anybody, somebody] = [await fetch(introspection + path), await ask(introspection + path)];
      assert.deepEqual([path, anybody.status, somebody.status], [path, open, closed]);
      await Promise.all([anybody.text(), somebody.text()]);
    }
  });

  it('counts what it did, under names that are documented', async () => {
    const text = await (await ask(`${introspection}/metrics`)).text();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);
    assert.deepEqual(
      names.filter((name) => !isDocumented(name)),
      [],
    );
    for (const pattern of [
      /^clair_feed_state\{feed="alpine-main-v3\.40-updater",set="alpine",state="ok"\} 1$/m,
      /^clair_feed_rows\{feed="alpine-main-v3\.40-updater",set="alpine"\} [1-9]/m,
      /^clair_feed_age_seconds\{feed="alpine-main-v3\.40-updater",set="alpine"\} \d/m,
      /^clair_feed_updates_total\{feed="alpine-main-v3\.40-updater",state="updated"\} 1$/m,
      /^clair_indexer_layer_bytes_total [1-9]\d*$/m,
      /^clair_indexer_index_duration_seconds_count\{outcome="ok"\} 1$/m,
      /^clair_matcher_report_duration_seconds_count\{outcome="ok"\} 1$/m,
      /^clair_indexer_jobs_waiting 0$/m,
      /^clair_indexer_jobs_oldest_seconds 0$/m,
      /^clair_indexer_pulls_oldest_seconds 0$/m,
      /^clair_matcher_updates_enabled 1$/m,
      /^clair_http_indexerv1_request_total\{code="201",handler="\/indexer\/api\/v1\/index_report",method="post"\} 1$/m,
      /^claircore_vulnstore_getvulnerabilities_total\{query="match-all"\} 1$/m,
      /^claircore_indexer_setlayerscanned_total\{/m,
      /^pgxpool_total_conns\{application_name="libvuln"\} [1-9]/m,
      /^clair_cmd_version_info\{.*mode="combo"/m,
    ]) {
      assert.match(text, pattern);
    }
  });

  it('ends in order: readiness, profiles, the last spans', async () => {
    // A request that is running is answered; nobody is sent here any more meanwhile.
    const blob = gzipSync(makeTar({ 'etc/hostname': 'slow' }));
    const { promise: fetched, resolve: fetching } = Promise.withResolvers<() => void>();
    world.intercept = (path, response) => {
      if (path === '/blobs/slow') fetching(() => response.end(blob));
      return path === '/blobs/slow';
    };
    const layers = [{ hash: digestOf(blob), uri: `${world.address}/blobs/slow` }];
    const running = ask(`${address}/indexer/api/v1/index_report`, {
      method: 'POST',
      body: JSON.stringify({ hash: digestOf('slow'), layers }),
    });
    const release = await fetched;
    service.child.kill('SIGTERM');
    await service.waitFor(/"stopping"/);
    assert.equal((await fetch(`${introspection}/readyz`)).status, 503);
    await assert.rejects(
      fetch(`${address}/indexer/api/v1/index_state`, { headers: { connection: 'close' } }),
    );
    release();
    assert.equal((await running).status, 201);
    const { code, stderr } = await service.ended;
    assert.equal(code, 0, stderr);
    assert.ok(JSON.parse(readFileSync(join(folder, 'cpu.json'), 'utf8')).nodes.length > 10);
    assert.ok(JSON.parse(readFileSync(join(folder, 'heap.json'), 'utf8')).head);

    const own = spans.filter(({ traceId }) => traceId === TRACE);
    assert.equal(own.length, spans.length, 'nothing else was asked for');
    const names = own.map(({ name }) => name);
    for (const name of [
      'index',
      'scan layer',
      'vulnerability report',
      'indexer save-report',
      'matcher match-all',
    ]) {
      assert.ok(names.includes(name), `${name} is not among ${names}`);
    }
    const known = new Set([...own.map(({ spanId }) => spanId), '00f067aa0ba902b7']);
    assert.ok(own.every(({ parentSpanId }) => known.has(parentSpanId)));
    const lines = stderr.split('\n').filter((line) => line.includes(`"request_id":"${TRACE}"`));
    assert.ok(lines.some((line) => line.includes('"msg":"index done"')));
    assert.equal(lines.filter((line) => line.includes('handled HTTP request')).length, 2);
  });
});

describe('clair that cannot have all of it', () => {
  async function failing(more: object, dsn: string): Promise<{ code: number | null; stderr: string }> {
    const database = { connstring: dsn, migrations: false };
    const text = JSON.stringify({
      http_listen_addr: '127.0.0.1:0',
      introspection_addr: '127.0.0.1:0',
      indexer: database,
      matcher: database,
      ...more,
    });
    const ended = await runToEnd('clair', ['-conf', writeConfig('start.json', text)]);
    assert.doesNotMatch(ended.stderr, /\n\s+at /, 'no stack trace');
    return ended;
  }

  it('says that nobody could be let in', async () => {
    const { code, stderr } = await failing({ introspection_auth: true }, 'host=127.0.0.1 port=1');
    assert.equal(code, 1, stderr);
    assert.match(stderr, /introspection_auth: .*add auth\.psk/);
  });

  it('goes on without introspection if that is allowed', async () => {
    await using world = await startWorld();
    const more = { introspection_addr: new URL(world.address).host, introspection_required: false };
    const { code, stderr } = await failing(more, `host=127.0.0.1 port=${await freePort()} user=clair`);
    assert.equal(code, 1, stderr); // for want of a database
    assert.match(stderr, /"level":"WARN".*health checks and metrics are disabled/);
    assert.match(stderr, /fatal error.*cannot connect to PostgreSQL/);
  });

  it('names a profile that cannot be written', async () => {
    const file = writeConfig('profile.yaml', 'log_level: info\n');
    const nowhere = join(folder, 'none', 'x');
    const { code, stderr } = await runToEnd('clair', ['-conf', file, '-cpuprofile', nowhere]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /cannot write the profile/);
    assert.ok(!existsSync(nowhere));
  });

  it('names the schema that is newer than it', async () => {
    await using database = await testDatabase();
    {
      await using db = await connect(database.dsn, { applicationName: 'test', max: 1 });
      await db.query({
        text: `create table indexer_migrations (version int primary key, name text not null, ran_at timestamptz default now());
          insert into indexer_migrations values (999, '999-later.sql')`,
      });
    }
    for (const migrations of [true, false]) {
      const { code, stderr } = await failing(
        { indexer: { connstring: database.dsn, migrations } },
        database.dsn,
      );
      assert.equal(code, 1, stderr);
      assert.match(stderr, /indexer_migrations is at version 999, newer than this release \(\d+\)/);
    }
  });
});
