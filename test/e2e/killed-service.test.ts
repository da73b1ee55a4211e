/** `clair` killed again and again while it imports and indexes: the next one goes on, and its reports are right. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { digestOf, makeTar } from './make-image.ts';
import { type Running, start } from './run-program.ts';
import { ALPINE, startWorld, type World, worldConfig } from './world.ts';

const PACKAGES = 2000;
const LAYERS = 6;
const ROUNDS = 4;

describe('clair, killed', () => {
  const open = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-killed-'));
  let world: World;
  /** Called when the big feed is fetched. */
  let fetched = (): void => {};
  let manifest: { hash: string; layers: { hash: string; uri: string }[] };

  before(async () => {
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    world = open.use(await startWorld());
    const secdb = JSON.stringify({
      packages: Array.from({ length: 6 * PACKAGES }, (_, i) => ({
        pkg: { name: `pkg${i}`, secfixes: { '1.1-r0': [`CVE-2099-${10_000 + i}`] } },
      })),
    });
    world.intercept = (path, response) => {
      if (path !== '/secdb/v3.40/main.json') return false;
      response.end(secdb);
      fetched();
      return true;
    };
    const installed = Array.from(
      { length: PACKAGES },
      (_, i) => `P:pkg${i}\nV:1.0-r0\nA:x86_64\no:pkg${i}\n\n`,
    );
    const layers = Array.from({ length: LAYERS }, (_, i) => {
      const packages = installed.slice(0, ((i + 1) * PACKAGES) / LAYERS).join('');
      const blob = gzipSync(makeTar({ ...ALPINE, 'lib/apk/db/installed': packages }));
      const hash = digestOf(blob);
      world.blobs.set(hash, blob);
      return { hash, uri: `${world.address}/blobs/${hash}` };
    });
    manifest = { hash: digestOf('manifest'), layers };
  });
  after(() => open.disposeAsync());

  async function run(dsn: string): Promise<{ service: Running; address: string }> {
    const [port, port2] = [await freePort(), await freePort()];
    const config = join(folder, `${port}.yaml`);
    const database = { connstring: dsn, migrations: true };
    writeFileSync(
      config,
      worldConfig(world, {
        http_listen_addr: `127.0.0.1:${port}`,
        introspection_addr: `127.0.0.1:${port2}`,
        indexer: database,
        matcher: { ...database, disable_enrichment: true },
      }),
    );
    return {
      service: start('clair', ['-conf', config, '-mode', 'combo']),
      address: `http://127.0.0.1:${port}`,
    };
  }

  const post = (address: string) =>
    fetch(`${address}/indexer/api/v1/index_report`, { method: 'POST', body: JSON.stringify(manifest) });

  /** Both reports of a service that is left alone, and how long it took to its feeds. */
  async function reports(dsn: string) {
    const begin = performance.now();
    const { service, address } = await run(dsn);
    await using _ = service;
    await service.waitFor(/feeds updated/);
    const time = performance.now() - begin;
    const posted = await post(address);
    const index = await posted.text();
    assert.equal(posted.status, 201, index);
    const answer = await fetch(`${address}/matcher/api/v1/vulnerability_report/${manifest.hash}`);
    const report = JSON.parse(await answer.text());
    for (const feed of report.feeds ?? []) feed.last_success = '';
    return { index, report, time };
  }

  it('goes on where the last one was killed', { timeout: 600_000 }, async () => {
    await using calm = await testDatabase();
    const want = await reports(calm.dsn);
    assert.equal(Object.keys(want.report.vulnerabilities).length, PACKAGES);

    await using database = await testDatabase();
    for (let round = 0; round < ROUNDS; round++) {
      const { service, address } = await run(database.dsn);
      await using _ = service;
      // At any time, and while the big feed is imported.
      const importing = new Promise<void>((resolve) => (fetched = resolve));
      const deadline =
        round % 2 === 0
          ? sleep(want.time * Math.random())
          : Promise.race([importing, sleep(10 * want.time, undefined, { ref: false })]).then(() =>
              sleep(500 * Math.random()),
            );
      // Posted over and over: as soon as it listens, it has something to do.
      let over = false;
      const posting = (async () => {
        while (!over)
          await post(address).then(
            (answer) => answer.text(),
            () => sleep(20),
          );
      })();
      await deadline;
      service.child.kill('SIGKILL');
      await service.ended;
      over = true;
      await posting;
    }
    const got = await reports(database.dsn);
    assert.equal(got.index, want.index);
    assert.deepEqual(got.report, want.report);
  });
});
