/** Harbor's API of services that run apart: found by the load balancer's rules, on any replica, though one is killed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { startRegistry, type TestRegistry } from '../../src/image/registry/server.fixture.ts';
import { canBalance, type Deployment, deploy, until } from './deployment.ts';
import { GENERIC, HarborStandIn, type Json, SBOM } from './harbor-stand-in.ts';
import { makeTar, writeOciLayoutOf } from './make-image.ts';

import { ALPINE, startWorld } from './world.ts';

const PASSWORD = 'a password of sixteen';
const KEY = Buffer.from('a key that all of them share').toString('base64');
const IMAGES = 4;

describe("Harbor's API behind a load balancer", {
  skip: !canBalance && 'needs haproxy',
  timeout: 300_000,
}, () => {
  const open = new AsyncDisposableStack();
  let registry: TestRegistry;
  let clair: Deployment;
  let harbor: HarborStandIn;
  const digests: string[] = [];

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-harbor-'));
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const world = open.use(await startWorld());
    registry = open.use(await startRegistry({ auth: 'bearer', users: { robot: 'secret of it' } }));
    for (let n = 0; n < IMAGES; n++) {
      const layers = [gzipSync(makeTar(ALPINE)), gzipSync(makeTar({ 'srv/n': String(n) }))];
      digests.push(writeOciLayoutOf(join(folder, String(n)), layers));
      registry.content.pushLayout('library/app', join(folder, String(n)), `v${n}`);
    }
    const { dsn } = open.use(await testDatabase());
    const auth = { psk: { key: KEY, iss: ['test'] } };
    clair = open.use(await deploy({ world, dsn: () => dsn, auth, replicas: 2, harbor: PASSWORD }));
    await until('the feeds are loaded', () =>
      clair.replicas.some(({ mode, log }) => mode === 'matcher' && /"updated":[1-9]/.test(log())),
    );
    const login = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;
    harbor = new HarborStandIn({
      url: `${clair.address}/indexer/harbor`,
      authorization: login(`harbor:${PASSWORD}`),
      registry: { url: `http://${registry.host}`, authorization: login('robot:secret of it') },
    });
  });
  after(() => open.disposeAsync());

  const artifactOf = (digest: string) => ({
    repository: 'library/app',
    digest,
    mime_type: 'application/vnd.oci.image.manifest.v1+json',
  });

  it('asks and gets reports and SBOMs', async () => {
    const { properties } = await harbor.metadata();
    assert.ok(properties['harbor.scanner-adapter/vulnerability-database-updated-at']);
    const id = await harbor.scan(artifactOf(digests[0]!));
    const { json } = await harbor.report(id, GENERIC);
    assert.deepEqual(
      json.vulnerabilities.map((each: Json) => each.id),
      ['CVE-2099-0001'],
    );
    assert.equal((await harbor.report(id, SBOM, '?sbom_media_type=application%2Fspdx%2Bjson')).status, 200);
  });

  it('gets all of them though the indexer that has them is killed', async () => {
    // Scans of the first replica are slow enough to be in its hands.
    const [first] = clair.replicas;
    registry.manners.busy = 2;
    const ids = await Promise.all(digests.slice(1).map((digest) => harbor.scan(artifactOf(digest))));
    await first!.kill();
    registry.manners.busy = 0;
    for (const id of ids) {
      const { status, json } = await harbor.report(id, GENERIC);
      assert.deepEqual([status, json.vulnerabilities?.length], [200, 1], JSON.stringify(json));
    }
    await first!.restart();
  });
});
