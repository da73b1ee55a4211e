/** The console of a running service: what it shows is what the report says, to whom a proxy has signed in. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import type { ConsoleImages, ConsoleSession, Decision } from '../../src/model/api/console/types.ts';
import { freePort } from '../conformance/service.ts';
import { digestOf, makeTar } from './make-image.ts';
import { start } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-console-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const SECRET = 'correct horse battery staple';
const PROXY = {
  'x-clair-proxy-secret': SECRET,
  'x-forwarded-user': 'ana@example.com',
  'x-forwarded-groups': 'security',
};
const NAME = 'registry.example.com/shop/checkout-api:4.18.2';

describe('the console of a running service', () => {
  const open = new AsyncDisposableStack();
  let world: World;
  let address = '';
  before(async () => {
    world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    const config = worldConfig(world, {
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: '',
      indexer: { connstring: dsn, migrations: true },
      matcher: { connstring: dsn, migrations: true, disable_enrichment: true },
      auth: { proxy: { trusted: ['127.0.0.1'], secret: SECRET, roles: { triage: ['security'] } } },
    });
    const file = join(folder, 'config.yaml');
    writeFileSync(file, config);
    const service = open.use(start('clair', ['-conf', file, '-mode', 'combo']));
    await service.waitFor(/feeds updated/);
  });
  after(() => open.disposeAsync());

  const ask = (path: string, init: RequestInit = {}, headers: Record<string, string> = PROXY) =>
    fetch(`${address}${path}`, { ...init, headers: { ...headers, ...(init.headers as object) } });
  const view = async <T>(path: string): Promise<T> => {
    const response = await ask(`/matcher/api/v1/console/${path}`);
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(text) as T;
  };

  it('shows an image by its name, with the counts of its report, and closes what is decided', async () => {
    const blob = gzipSync(makeTar(ALPINE));
    const layer = digestOf(blob);
    world.blobs.set(layer, blob);
    const hash = digestOf(`manifest of ${layer}`);
    const named = await ask(`/indexer/api/v1/manifest/${hash}/names`, {
      method: 'PUT',
      body: JSON.stringify({ names: [NAME], labels: { env: 'prod' } }),
    });
    assert.equal(named.status, 204);
    const body = JSON.stringify({ hash, layers: [{ hash: layer, uri: `${world.address}/blobs/${layer}` }] });
    assert.equal((await ask('/indexer/api/v1/index_report', { method: 'POST', body })).status, 201);
    const report = (await (await ask(`/matcher/api/v1/vulnerability_report/${hash}`)).json()) as {
      findings: { name: string; severity: string }[];
    };
    assert.ok(report.findings.length > 0);

    let image: ConsoleImages['images'][number] | undefined;
    for (let tries = 0; tries < 300 && (image === undefined || image.coverage.state === 'pending'); tries++) {
      [image] = (await view<ConsoleImages>('images?q=checkout&label=env:prod')).images;
      await sleep(200);
    }
    assert.equal(image?.digest, hash);
    assert.equal(`${image.names[0]?.name}:${image.names[0]?.tag}`, NAME);
    for (const severity of ['Critical', 'High', 'Medium', 'Low', 'Negligible', 'Unknown']) {
      assert.equal(
        image.counts[severity.toLowerCase() as 'critical'],
        report.findings.filter((finding) => finding.severity === severity).length,
        severity,
      );
    }
    const csv = await ask(`/matcher/api/v1/console/images/${hash}/export?format=csv`);
    assert.match(await csv.text(), new RegExp(report.findings[0]!.name));

    const decided = await ask('/matcher/api/v1/console/decisions', {
      method: 'POST',
      headers: { 'clair-console': '1' },
      body: JSON.stringify({
        ...{ cve: report.findings[0]!.name, status: 'not_affected', reason: 'not used' },
        ...{
          justification: 'vulnerable_code_not_present',
          scope: { repository: NAME.replace(/:[^:]*$/, '') },
        },
      }),
    });
    assert.equal(decided.status, 201);
    assert.equal(((await decided.json()) as Decision).by, 'ana@example.com');
    const [after] = (await view<ConsoleImages>('images')).images;
    assert.ok(after!.cves < image.cves);
  });

  it('is closed to who comes past the proxy', async () => {
    const session = await view<ConsoleSession>('session');
    assert.deepEqual(
      [session.user, session.roles, session.auth],
      ['ana@example.com', ['view', 'triage'], 'proxy'],
    );
    for (const headers of [{}, { ...PROXY, 'x-clair-proxy-secret': 'guess' }]) {
      const response = await ask('/matcher/api/v1/console/overview', {}, headers as Record<string, string>);
      assert.equal(response.status, 403);
    }
    assert.equal((await ask('/indexer/api/v1/index_state', {}, {})).status, 200);
  });
});
