/** A service that keeps its documents in S3: as configured, and while that is away. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../src/db/database.fixture.ts';
import { noS3, s3Server } from '../../src/indexer/documents/s3-server.fixture.ts';
import { freePort } from '../conformance/service.ts';
import { digestOf, makeTar } from './make-image.ts';
import { start } from './run-program.ts';
import { ALPINE, startWorld, worldConfig } from './world.ts';

describe('a service with documents in S3', { skip: noS3 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-e2e-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('reports from there, tells when it is away, and shows its key nowhere', async () => {
    await using open = new AsyncDisposableStack();
    const world = open.use(await startWorld());
    const { dsn } = open.use(await testDatabase());
    const s3 = open.use(await s3Server());
    const [port, port2] = [await freePort(), await freePort()];
    const { access_key, secret_key, ...place } = s3.settings;
    const key = secret_key!.reveal();
    const config = worldConfig(world, {
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: `127.0.0.1:${port2}`,
      log_level: 'debug',
      indexer: { connstring: dsn, migrations: true },
      matcher: { connstring: dsn, migrations: true, disable_enrichment: true },
      store: { documents: { s3: { ...place, access_key: access_key!.reveal(), secret_key: key } } },
    });
    const file = join(folder, 'config.yaml');
    writeFileSync(file, config);
    const service = open.use(start('clair', ['-conf', file, '-mode', 'combo']));
    await service.waitFor(/feeds updated/);

    const blob = gzipSync(
      makeTar({
        ...ALPINE,
        [INSTALLED]: `${ALPINE[INSTALLED]}\n${MORE}`,
      }),
    );
    const hash = digestOf(blob);
    world.blobs.set(hash, blob);
    const manifest = {
      hash: digestOf('manifest'),
      layers: [{ hash, uri: `${world.address}/blobs/${hash}` }],
    };
    const api = `http://127.0.0.1:${port}`;
    const posted = await fetch(`${api}/indexer/api/v1/index_report`, {
      method: 'POST',
      body: JSON.stringify(manifest),
    });
    const report = await posted.text();
    assert.equal(posted.status, 201, report);
    assert.ok(s3.keys().length > 0);
    const index = `${api}/indexer/api/v1/index_report/${manifest.hash}`;
    const vulnerabilities = `${api}/matcher/api/v1/vulnerability_report/${manifest.hash}`;
    assert.equal(await (await fetch(index)).text(), report);
    assert.equal((await fetch(vulnerabilities)).status, 200);
    const metrics = await (await fetch(`http://127.0.0.1:${port2}/metrics`)).text();
    assert.match(
      metrics,
      /clair_documents_request_duration_seconds_count\{[^}]*operation="put"[^}]*\} [1-9]/,
    );

    await s3.stop();
    const away = await fetch(index);
    assert.deepEqual([away.status, away.headers.get('retry-after')], [503, '10']);
    assert.match(await away.text(), /document store/);
    await s3.start();
    assert.equal(await (await fetch(index)).text(), report);
    assert.doesNotMatch(service.stderr(), new RegExp(key));
  });
});

const INSTALLED = 'lib/apk/db/installed';
/** Enough packages for a report that is not kept in its row. */
const MORE = Array.from({ length: 100 }, (_, n) => `P:package-${n}\nV:1.${n}-r0\nA:x86_64\n\n`).join('');
