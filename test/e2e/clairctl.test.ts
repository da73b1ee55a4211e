/** Clair's commands of `clairctl` against our service with a shared key, and the requests of the real `clairctl`. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { mintBearer } from '../../src/http/auth/tokens.ts';
import { startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { writeOciLayout } from './make-image.ts';
import { type Ended, runToEnd, start } from './run-program.ts';
import { ALPINE, startWorld, worldConfig } from './world.ts';

const KEY = 'c2VjcmV0';
const FOUND = 'app:1 found teapot 1.0-r0 CVE-2099-0001 (fixed: 1.1-r0)\n';
const SAFE = { ...ALPINE, 'lib/apk/db/installed': 'P:sound\nV:2.0-r0\nA:x86_64\no:sound\n\n' };

// biome-ignore lint/suspicious/noExplicitAny: answers are read as a client without types would
type Json = any;

describe('clairctl and a running Clair', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-ctl-'));
  const config = join(folder, 'config.yaml');
  let registry: TestRegistry;
  let address = '';

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    registry = open.use(await startRegistry());
    for (const [name, files] of Object.entries({ app: ALPINE, safe: SAFE })) {
      writeOciLayout(join(folder, name), [files]);
      registry.content.pushLayout(`team/${name}`, join(folder, name), '1');
    }
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    const text = worldConfig(world, {
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: '',
      indexer: { connstring: dsn, migrations: true },
      matcher: { connstring: dsn, migrations: true, disable_enrichment: true },
      auth: { psk: { key: KEY, iss: ['clairctl', 'ci'] } },
    });
    writeFileSync(config, text);
    const service = open.use(start('clair', ['-conf', config, '-mode', 'combo']));
    await service.waitFor(/feeds updated/);
  });
  after(() => open.disposeAsync());
  beforeEach(() => {
    Object.assign(registry.manners, { storage: false, presignedUses: Number.POSITIVE_INFINITY });
  });

  const image = (name: string): string => `${registry.host}/team/${name}`;
  const clairctl = (...args: string[]): Promise<Ended> => runToEnd('clairctl', args, { CLAIR_API: address });
  const signed = (...args: string[]): Promise<Ended> => clairctl('-c', config, ...args);

  it('reports what an image has, as text', async () => {
    const { code, stdout, stderr } = await signed('report', image('app:1'), image('safe:1'));
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${FOUND}safe:1 ok\n`, stderr: '' });
  });

  it('reports as JSON, a line each, and as JUnit', async () => {
    const json = await signed('report', '-o=json', image('app:1'), image('safe:1'));
    const reports: Json[] = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      reports.map(({ package_vulnerabilities: hits }) => Object.keys(hits).length),
      [1, 0],
    );
    const { stdout } = await signed('report', '--out', 'xml', image('app:1'));
    assert.match(stdout, /<testsuite name="[^"]+team\/app:1" tests="2" errors="0" failures="1">/);
    assert.match(
      stdout,
      /<testcase name="teapot 1.0-r0"><failure>Found the following vulnerabilities:&#10;&#9;CVE-2099-0001</,
    );
  });

  it('is told that it has to sign, and with which name', async () => {
    const unsigned = await clairctl('report', image('app:1'));
    assert.deepEqual([unsigned.code, unsigned.stdout], [1, '']);
    assert.match(unsigned.stderr, /returned status 401: authentication required/);
    assert.equal((await signed('--issuer', 'somebody', 'report', image('app:1'))).code, 1);
    assert.equal((await signed('--iss=ci', 'report', image('app:1'))).code, 0);
  });

  it('goes on after a failure if told so', async () => {
    const alone = await signed('report', image('none:1'), image('app:1'));
    assert.deepEqual([alone.code, alone.stdout], [1, '']);
    const { code, stdout } = await signed('report', '-k', image('none:1'), image('app:1'));
    assert.equal(code, 1);
    assert.match(stdout, /^none:1 error .*image not found.*\napp:1 found teapot /);
    const xml = await signed('report', '-k', '-o', 'xml', image('none:1'), image('app:1'));
    assert.match(xml.stdout, /none:1" tests="1" errors="1" failures="0"><testcase name="report"><error /);
  });

  it('sends what is in an image that the server cannot fetch, or that is here only', async () => {
    Object.assign(registry.manners, { storage: true, presignedUses: 1 });
    writeOciLayout(join(folder, 'other'), [{ ...ALPINE, 'etc/hostname': 'other' }]);
    registry.content.pushLayout('team/other', join(folder, 'other'), '1');
    const never = await signed('report', '--no-local', image('other:1'));
    assert.equal(never.code, 1);
    assert.match(never.stderr, /Clair could not index the image: .*403/);
    const { code, stdout, stderr } = await signed('report', image('other:1'));
    assert.deepEqual([code, stdout], [0, FOUND.replace('app', 'other')]);
    assert.match(stderr, /indexing the image on this machine/);

    const known = async () => (await signed('delete', '-D', digestOf(await manifest('safe:1')))).stderr;
    await known();
    const local = await signed('report', '--local', image('safe:1'));
    assert.deepEqual([local.code, local.stdout], [0, 'safe:1 ok\n']);
    assert.match(await known(), /unknown/, 'the server was not asked to index it');
    const layout = await signed('report', `oci:${join(folder, 'app')}`);
    assert.deepEqual([layout.code, layout.stdout], [0, FOUND.replace('app:1', 'app')]);
  });

  const manifest = async (name: string): Promise<Json> => {
    const { code, stdout } = await clairctl('manifest', image(name));
    assert.equal(code, 0);
    return JSON.parse(stdout);
  };
  const digestOf = ({ hash }: Json): string => hash;

  it('deletes, and uploads only what is not known', async () => {
    const hash = digestOf(await manifest('app:1'));
    await signed('report', image('app:1'));
    assert.deepEqual(await signed('delete', hash), { code: 0, stdout: '', stderr: '' });
    const again = await signed('delete', hash);
    assert.deepEqual(
      [again.code, again.stderr],
      [0, `not deleted, because it is unknown or being indexed: ${hash}\n`],
    );
    assert.equal((await signed('delete', 'nope')).code, 1);
    assert.equal((await clairctl('delete', hash)).code, 1);
    assert.equal((await signed('report', '--novel', image('app:1'))).stdout, FOUND);
    assert.equal((await signed('report', '--novel', image('app:1'))).stdout, FOUND);
  });

  it('answers the requests of the real clairctl', async () => {
    const { hash, layers } = await manifest('app:1');
    const ask = async (path: string, init: RequestInit = {}) =>
      fetch(address + path, {
        ...init,
        headers: {
          'user-agent': 'clairctl/v4.9.0',
          'accept-encoding': 'gzip',
          authorization: await mintBearer(Buffer.from(KEY, 'base64'), 'clairctl', new Date()),
          ...init.headers,
        },
      });
    const index = `/indexer/api/v1/index_report`;
    await ask(index, { method: 'DELETE', body: JSON.stringify([hash]) });
    assert.equal((await ask(`${index}/${hash}`)).status, 404);
    assert.equal((await ask(`${index}/${hash}`)).status, 404);
    const posted = await ask(index, { method: 'POST', body: JSON.stringify({ hash, layers }) });
    assert.equal(posted.status, 201);
    assert.equal(((await posted.json()) as Json).success, true);
    const etag = posted.headers.get('etag') ?? '';
    // Where it keeps the mark is read from the first of the links.
    assert.equal(
      /^<([^>]+)>; rel="https:\/\/projectquay.io\/clair\/v1\/index_report"/.exec(
        posted.headers.get('link') ?? '',
      )?.[1],
      `${index}/${hash}`,
    );
    const unchanged = await ask(`${index}/${hash}`, { headers: { 'if-none-match': etag } });
    assert.equal(unchanged.status, 304);
    const report = await ask(`/matcher/api/v1/vulnerability_report/${hash}`);
    assert.equal(report.status, 200);
    const { vulnerabilities }: Json = await report.json();
    assert.deepEqual(
      Object.values<Json>(vulnerabilities).map(({ name }) => name),
      ['CVE-2099-0001'],
    );
    const deleted = await ask(index, { method: 'DELETE', body: JSON.stringify([hash]) });
    assert.deepEqual([deleted.status, await deleted.json()], [200, [hash]]);
  });

  it('refuses what is no index report', async () => {
    const authorization = await mintBearer(Buffer.from(KEY, 'base64'), 'ci', new Date());
    const post = async (body: string): Promise<number> => {
      const init = { method: 'POST', body, headers: { authorization } };
      return (await fetch(`${address}/matcher/api/v1/match_report`, init)).status;
    };
    const good = {
      manifest_hash: `sha256:${'0'.repeat(64)}`,
      state: 'IndexFinished',
      success: true,
      packages: null,
    };
    assert.equal(await post(JSON.stringify(good)), 200);
    for (const bad of [
      '',
      '[]',
      '{',
      JSON.stringify({ ...good, manifest_hash: 'x' }),
      JSON.stringify({ ...good, success: false }),
      JSON.stringify({ ...good, packages: [] }),
    ]) {
      assert.equal(await post(bad), 400, bad);
    }
    assert.equal(
      (await fetch(`${address}/matcher/api/v1/match_report`, { method: 'POST', body: '{}' })).status,
      401,
    );
  });
});
