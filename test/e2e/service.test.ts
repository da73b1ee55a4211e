/** The service as a whole: `clair -mode combo` on a database, a manifest in, both reports out, and what goes wrong. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { digestOf, makeTar } from './make-image.ts';
import { type Ended, type Running, runToEnd, start } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

const INDEX = '/indexer/api/v1/index_report';
const REPORT = '/matcher/api/v1/vulnerability_report';
const folder = mkdtempSync(join(tmpdir(), 'clair-e2e-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function writeConfig(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client without types would
type Json = any;

describe('clair -mode combo', () => {
  const open = new AsyncDisposableStack();
  let world: World;
  let service: Running;
  let address = '';
  let introspection = '';

  before(async () => {
    world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    const [port, port2] = [await freePort(), await freePort()];
    address = `http://127.0.0.1:${port}`;
    introspection = `http://127.0.0.1:${port2}`;
    const config = worldConfig(world, {
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: `127.0.0.1:${port2}`,
      indexer: { connstring: dsn, migrations: true },
      matcher: { connstring: dsn, migrations: true, disable_enrichment: true },
    });
    service = open.use(start('clair', ['-conf', writeConfig('good.yaml', config), '-mode', 'combo']));
    await service.waitFor(/feeds updated/);
  });
  after(() => open.disposeAsync());

  /** A manifest of one layer whose blob is served with these bytes. */
  function manifestOf(
    blob: Buffer,
    served = blob,
  ): { hash: string; layers: { hash: string; uri: string }[] } {
    const hash = digestOf(blob);
    world.blobs.set(hash, served);
    return {
      hash: digestOf(`manifest of ${hash}`),
      layers: [{ hash, uri: `${world.address}/blobs/${hash}` }],
    };
  }

  async function post(body: unknown): Promise<{ status: number; headers: Headers; json: Json }> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(address + INDEX, { method: 'POST', body: text });
    return { status: answer.status, headers: answer.headers, json: await answer.json() };
  }

  it('is ready and healthy', async () => {
    assert.equal((await fetch(`${introspection}/readyz`)).status, 200);
    const health = await fetch(`${introspection}/healthz`);
    assert.deepEqual([health.status, await health.text()], [200, 'ok']);
  });

  it('indexes a manifest and reports its vulnerabilities', async () => {
    const manifest = manifestOf(gzipSync(makeTar(ALPINE)));
    const posted = await post(manifest);
    assert.equal(posted.status, 201);
    assert.equal(posted.headers.get('location'), `${INDEX}/${manifest.hash}`);
    assert.match(posted.headers.get('etag') ?? '', /^"[0-9a-f]+"$/);
    assert.match(
      posted.headers.get('link') ?? '',
      /rel="https:\/\/projectquay\.io\/clair\/v1\/vulnerability_report"/,
    );
    assert.equal(posted.json.state, 'IndexFinished');
    const names = Object.values<Json>(posted.json.packages).map(({ name }) => name);
    assert.deepEqual(names.sort(), ['sound', 'teapot']);

    const got = await fetch(`${address}${INDEX}/${manifest.hash}`);
    assert.deepEqual(await got.json(), posted.json);
    assert.equal(got.headers.get('etag'), posted.headers.get('etag'));

    const state: Json = await (await fetch(`${address}/indexer/api/v1/index_state`)).json();
    assert.equal(`"${state.state}"`, got.headers.get('etag'));

    const report: Json = await (await fetch(`${address}${REPORT}/${manifest.hash}`)).json();
    const found = Object.entries<string[]>(report.package_vulnerabilities).flatMap(([id, ids]) =>
      ids.map((key) => `${report.packages[id].name} ${report.vulnerabilities[key].name}`),
    );
    assert.deepEqual(found, ['teapot CVE-2099-0001']);
  });

  it('answers a manifest that it has with the same report', async () => {
    const manifest = manifestOf(gzipSync(makeTar(ALPINE)));
    const [first, second] = [await post(manifest), await post(manifest)];
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.deepEqual(second.json, first.json);
  });

  it('indexes the same manifest once when it is posted many times at once', async () => {
    const manifest = manifestOf(gzipSync(makeTar({ ...ALPINE, 'etc/hostname': 'many' })));
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(manifest)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      answers.map(() => 201),
    );
    assert.equal(new Set(answers.map(({ json }) => JSON.stringify(json))).size, 1);
  });

  it('forgets a manifest', async () => {
    const manifest = manifestOf(gzipSync(makeTar({ 'etc/hostname': 'gone' })));
    assert.equal((await post(manifest)).status, 201);
    const deleted = await fetch(`${address}${INDEX}/${manifest.hash}`, { method: 'DELETE' });
    assert.equal(deleted.status, 204);
    assert.equal((await fetch(`${address}${INDEX}/${manifest.hash}`)).status, 404);
    assert.equal((await fetch(`${address}${REPORT}/${manifest.hash}`)).status, 404);
  });

  const broken: [string, () => unknown, number][] = [
    ['no JSON', () => 'nonsense', 400],
    ['no manifest', () => ({}), 400],
    ['no layers', () => ({ hash: digestOf('none'), layers: [] }), 400],
    ['a bad digest', () => ({ hash: 'sha256:12', layers: [{ hash: 'x', uri: 'http://127.0.0.1/' }] }), 400],
    ['a layer that is no tar', () => manifestOf(Buffer.from('<html>'.repeat(500))), 400],
  ];
  for (const [what, body, status] of broken) {
    it(`refuses ${what}`, async () => {
      const answer = await post(body());
      assert.equal(answer.status, status, JSON.stringify(answer.json));
      assert.deepEqual([answer.json.code, typeof answer.json.message], ['bad-request', 'string']);
    });
  }

  const whole = gzipSync(makeTar({ 'etc/hostname': 'x'.repeat(5000) }));
  const half = whole.subarray(0, whole.length >> 1);
  const refused: [string, () => ReturnType<typeof manifestOf>][] = [
    ['a layer that ends too early', () => manifestOf(half)],
    ['a layer of other bytes than its digest says', () => manifestOf(whole, half)],
    [
      'a layer that is not there',
      () => ({
        ...manifestOf(Buffer.from('x')),
        layers: [{ hash: digestOf('x'), uri: `${world.address}/none` }],
      }),
    ],
  ];
  for (const [what, make] of refused) {
    it(`stores why ${what} could not be indexed`, async () => {
      const manifest = make();
      const answer = await post(manifest);
      assert.ok(answer.status >= 400, String(answer.status));
      assert.deepEqual([typeof answer.json.code, typeof answer.json.message], ['string', 'string']);
      const stored: Json = await (await fetch(`${address}${INDEX}/${manifest.hash}`)).json();
      assert.deepEqual([stored.state, stored.success], ['IndexError', false]);
      assert.notEqual(stored.err, '');
      assert.equal((await fetch(`${address}${REPORT}/${manifest.hash}`)).status, 404);
    });
  }

  it('tries again what failed', async () => {
    const blob = gzipSync(makeTar({ 'etc/hostname': 'late' }));
    const manifest = manifestOf(blob, Buffer.from('not yet'));
    assert.ok((await post(manifest)).status >= 400);
    world.blobs.set(manifest.layers[0]?.hash ?? '', blob);
    assert.equal((await post(manifest)).status, 201);
  });

  it('answers what it does not have or know in its own shape', async () => {
    const cases: [string, string, number, string][] = [
      ['GET', `${INDEX}/${digestOf('unknown')}`, 404, 'not-found'],
      ['GET', `${INDEX}/sha256:xyz`, 400, 'bad-request'],
      ['GET', `${REPORT}/${digestOf('unknown')}`, 404, 'not-found'],
      ['PUT', INDEX, 405, 'method-not-allowed'],
    ];
    for (const [method, path, status, code] of cases) {
      const answer = await fetch(address + path, { method });
      assert.equal(answer.status, status, `${method} ${path}`);
      assert.equal(((await answer.json()) as Json).code, code);
    }
    assert.equal((await fetch(`${address}/nowhere`)).status, 404);
  });

  it('ends cleanly when told to', async () => {
    service.child.kill('SIGTERM');
    const { code } = await service.ended;
    assert.equal(code, 0, service.stderr());
  });
});

describe('clair that cannot start', () => {
  it('names the key of the configuration that is wrong', async () => {
    const file = writeConfig('bad.yaml', 'indexer:\n  conn_string: x\n');
    const { code, stderr } = await runToEnd('clair', ['-conf', file, '-mode', 'combo']);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /conn_string/);
    assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
  });

  it('names the configuration that is not there', async () => {
    const { code, stderr } = await runToEnd('clair', ['-conf', join(folder, 'none.yaml'), '-mode', 'combo']);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /none\.yaml/);
  });

  it('names the database that does not answer, without its password', async () => {
    const dsn = `host=127.0.0.1 port=${await freePort()} user=clair password=s3cret dbname=indexer`;
    const config = {
      indexer: { connstring: dsn, migrations: true },
      matcher: { connstring: dsn, migrations: true },
    };
    const text = JSON.stringify({
      http_listen_addr: '127.0.0.1:0',
      introspection_addr: '127.0.0.1:0',
      ...config,
    });
    const { code, stderr } = await runToEnd('clair', [
      '-conf',
      writeConfig('db.json', text),
      '-mode',
      'combo',
    ]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /127\.0\.0\.1/);
    assert.doesNotMatch(stderr, /s3cret/);
  });

  /** Runs it on a database of its own until it gives up. */
  async function failing(more: (dsn: string) => Record<string, unknown>, ...flags: string[]): Promise<Ended> {
    await using database = await testDatabase();
    const connection = { connstring: database.dsn, migrations: true };
    const config = {
      http_listen_addr: '127.0.0.1:0',
      introspection_addr: '127.0.0.1:0',
      indexer: connection,
      matcher: connection,
      ...more(database.dsn),
    };
    const file = writeConfig('start.json', JSON.stringify(config));
    const ended = await runToEnd('clair', ['-conf', file, '-mode', 'combo', ...flags]);
    assert.doesNotMatch(ended.stderr, /\n\s+at /, 'no stack trace');
    return ended;
  }

  it('names the address that is taken', async () => {
    await using world = await startWorld();
    const taken = new URL(world.address).host;
    for (const key of ['http_listen_addr', 'introspection_addr']) {
      const { code, stderr } = await failing(() => ({ [key]: taken }));
      assert.equal(code, 1, stderr);
      assert.match(stderr, new RegExp(`cannot listen on ${taken}`));
    }
  });

  it('says what a database lacks that it may not migrate', async () => {
    const { code, stderr } = await failing((connstring) => ({ indexer: { connstring, migrations: false } }));
    assert.equal(code, 1, stderr);
    assert.match(stderr, /indexer database lacks 001-.*set indexer\.migrations to true/);
  });

  it('names flags that it does not know', async () => {
    const { code, stderr } = await failing(() => ({}), '-colour');
    assert.equal(code, 2, stderr);
    assert.match(stderr, /colour/);
  });
});
