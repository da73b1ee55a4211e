/** An image of Red Hat through the whole indexer: what its mapping says is added after the scan. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { connect, type Database } from '../db/database.ts';
import { ecosystems } from '../ecosystems/index.ts';
import { noLog } from '../lib/log.ts';
import type { IndexReportWire } from '../model/index-report-wire.ts';
import { createIndexer } from './indexer.ts';
import { indexerDatabase, type LayerStore, layerStore, manifestOf } from './indexing.fixture.ts';
import { LayerScanner } from './layer-scanner.ts';

const open = new AsyncDisposableStack();
let store: LayerStore;
let db: Database;
let scanner: LayerScanner;
/** What the server of the mapping answers; undefined: 503. */
let mapping: object | undefined;
let asked = 0;
let url = '';

before(async () => {
  store = open.use(await layerStore());
  const database = open.use(await indexerDatabase());
  db = open.use(await connect(database.dsn, { applicationName: 'red-hat-test' }));
  scanner = open.use(new LayerScanner({ threads: 1 }));
  const server = createServer((_, response) => {
    asked += 1;
    if (mapping === undefined) response.writeHead(404).end();
    else response.end(JSON.stringify(mapping));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  open.defer(() => void server.close());
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mapping.json`;
});
after(() => open.disposeAsync());

const rpmdb = gunzipSync(
  readFileSync(new URL('../ecosystems/rpm/fixtures/rpmdb.sqlite.gz', import.meta.url)),
);
const release = { name: 'etc/os-release', content: 'ID="rhel"\nVERSION_ID="9.4"\n' };

function environmentsOf({ environments, repository }: IndexReportWire): unknown[] {
  return [
    ...new Set(
      Object.values(environments)
        .flat()
        .map(({ repository_ids: ids }) => (ids ?? []).map((id) => repository[id]?.cpe).join()),
    ),
  ];
}

describe('an image of Red Hat', () => {
  it('of which the mapping could not be had is completed when it is submitted again, without another scan', async () => {
    let now = 0;
    const indexer = createIndexer({
      db,
      ecosystems,
      scanner,
      log: noLog,
      resolving: {
        scanner: {
          repo: { 'rhel-repository-scanner': { repo2cpe_mapping_url: url, timeout: 5_000_000_000 } },
        },
        airgap: true,
        now: () => new Date(now),
      },
    });
    const manifest = manifestOf(
      store.layer(release, { name: 'var/lib/rpm/rpmdb.sqlite', content: rpmdb }),
      store.layer({
        name: 'root/buildinfo/content_manifests/lab-1-1.json',
        content: '{"content_sets":["lab-rpms"]}',
      }),
    );
    const submit = async () =>
      JSON.parse(await indexer.index(manifest, { signal: AbortSignal.timeout(60_000) })) as IndexReportWire;

    const first = await submit();
    assert.equal(Object.keys(first.packages).length, 3);
    assert.deepEqual(environmentsOf(first), ['']);
    assert.match(JSON.stringify(first), /mapping of repositories to CPEs could not be fetched/);
    assert.deepEqual([asked, store.fetched.length], [1, 2]);

    await submit();
    assert.equal(asked, 1);

    mapping = { data: { 'lab-rpms': { cpes: ['cpe:/o:redhat:enterprise_linux:9::baseos'] } } };
    now += 3_600_000;
    const second = await submit();
    assert.deepEqual(environmentsOf(second), ['cpe:2.3:o:redhat:enterprise_linux:9:*:baseos:*:*:*:*:*']);
    assert.doesNotMatch(JSON.stringify(second), /could not be fetched/);
    assert.deepEqual([asked, store.fetched.length], [2, 2]);

    now += 100 * 86_400_000;
    assert.deepEqual(await submit(), second);
    assert.equal(asked, 2);
  });
});
