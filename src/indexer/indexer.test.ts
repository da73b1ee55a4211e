import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  ALL,
  database,
  detectorsOf,
  dsn,
  finishedOf,
  layer,
  one,
  rows,
  stateOf,
  store,
  words,
} from './indexer-world.fixture.ts';
import {
  digestOf,
  indexerDatabase,
  manifestOf,
  packagesOf,
  type TestIndexer,
  testIndexer,
} from './indexing.fixture.ts';

describe('indexer: what it stores', () => {
  it('stores the report that it gives', async () => {
    const manifest = manifestOf(layer(words('a', 'x 1'), database('libc 2')));
    assert.equal(await one.indexer.report(manifest.hash), undefined);
    const report = await one.index(manifest);
    assert.deepEqual(packagesOf(report), ['x 1.1', 'libc 2']);
    assert.deepEqual(
      [report.manifest_hash, report.state, report.success, report.err],
      [manifest.hash, 'IndexFinished', true, ''],
    );
    const stored = await one.indexer.report(manifest.hash);
    assert.deepEqual(JSON.parse((await stored?.json()) ?? ''), report);
    assert.equal(stored?.state, 'IndexFinished');
    assert.deepEqual(await finishedOf(one, manifest), report);
    assert.deepEqual(await detectorsOf(manifest.layers[0]!.hash), ALL);
  });

  it('fetches nothing for a manifest that it has', async () => {
    const manifest = manifestOf(layer(words('a', 'x 1')));
    const first = await one.index(manifest);
    assert.equal(store.fetched.length, 1);
    assert.deepEqual(await one.index(manifest), first);
    assert.equal(store.fetched.length, 1);
  });

  it('gives what it has while somebody else holds the manifest', async () => {
    const manifest = manifestOf(layer(words('a', 'x 1')));
    const first = await one.index(manifest);
    await using _held = (await one.db.tryLock(manifest.hash))!;
    assert.deepEqual(await one.index(manifest, AbortSignal.timeout(20_000)), first);
    const other = manifestOf(layer(words('a', 'x 1')));
    await using _otherHeld = (await one.db.tryLock(other.hash))!;
    await assert.rejects(one.index(other, AbortSignal.timeout(200)), { name: 'TimeoutError' });
  });

  it('fetches only the layers that it has not seen', async () => {
    const base = layer(words('a', 'x 1'));
    await one.index(manifestOf(base));
    const top = layer(words('b', 'y 2'));
    assert.deepEqual(packagesOf(await one.index(manifestOf(base, top))), ['x 1.1', 'y 2.1']);
    assert.deepEqual(store.fetched, [base.hash, top.hash]);
  });

  it('asks again, of that detector alone, where a revision is new', async () => {
    const manifest = manifestOf(layer(words('a', 'x 1'), database('libc 2')));
    await one.index(manifest);
    await using two = await testIndexer(dsn, '2');
    assert.notEqual(two.indexer.state, one.indexer.state);
    // What is stored of the other detector is taken as it stands, and not found again.
    await one.db.query({
      text: `update layer_scan set findings = replace(findings, 'libc', 'kept') where layer = $1`,
      values: [manifest.layers[0]!.hash],
    });
    assert.deepEqual(packagesOf(await two.index(manifest)), ['x 1.2', 'kept 2']);
    assert.equal(store.fetched.length, 2);
    assert.deepEqual(await detectorsOf(manifest.layers[0]!.hash), [...ALL, 'words:2:package']);
    assert.deepEqual(packagesOf(await two.index(manifest)), ['x 1.2', 'kept 2']);
    assert.equal(store.fetched.length, 2);
  });

  it('keeps a finished report readable while it is made anew', async () => {
    const manifest = manifestOf(layer(words('a', 'x 1')));
    const first = await one.index(manifest);
    await using two = await testIndexer(dsn, '2');
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    store.intercept = () => {
      resolve();
      return true; // no answer
    };
    const stop = new AbortController();
    const second = assert.rejects(two.index(manifest, stop.signal), /enough/);
    await asked;
    assert.deepEqual(await finishedOf(two, manifest), first);
    stop.abort(new Error('enough'));
    await second;
    assert.deepEqual(await finishedOf(one, manifest), first);
  });

  it('takes other layers under the same digest as they come', async () => {
    const [a, b] = [layer(words('a', 'x 1')), layer(words('b', 'y 1'))];
    const manifest = { hash: digestOf('moved'), layers: [a, b] };
    await one.index(manifest);
    await using two = await testIndexer(dsn, '2');
    await two.index({ ...manifest, layers: [b] });
    assert.deepEqual(
      await rows(
        'select l.layer from manifest m join manifest_layer l on l.manifest = m.id where m.digest = $1',
        manifest.hash,
      ),
      [b.hash],
    );
  });

  it('keeps nothing of a directory, which is another one at each look', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-indexer-'));
    try {
      mkdirSync(join(folder, 'var'));
      const uri = pathToFileURL(folder).href.replace(/^file:/, 'dir:');
      const manifest = manifestOf({ hash: digestOf(uri), uri, headers: {} });
      const options = { signal: AbortSignal.timeout(60_000), allowLocal: true };
      for (const content of ['libc 1', 'libc 2']) {
        writeFileSync(join(folder, 'var/db'), content);
        const report = JSON.parse(await one.indexer.index(manifest, options));
        assert.deepEqual(packagesOf(report), [content]);
      }
      assert.deepEqual(await detectorsOf(manifest.layers[0]!.hash), []);
      await assert.rejects(one.index(manifest), {
        code: 'bad-layer-url',
        message: /unsupported protocol/,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('gives the same bytes on every database', async () => {
    const manifest = manifestOf(
      layer(words('a', 'x 1\ny 2\nodd 7'), database('libc 2\nzlib 1')),
      layer(words('b', 'y 2\nx 1'), database('zlib 1\nlibc 3')),
    );
    await one.index(manifestOf(...[...manifest.layers].reverse())); // other ids in between
    await one.index(manifest);
    await using other = await indexerDatabase();
    await using two = await testIndexer(other.dsn);
    await two.index(manifest);
    const jsonOf = async ({ indexer }: TestIndexer) => (await indexer.report(manifest.hash))?.json();
    assert.equal(await jsonOf(two), await jsonOf(one));
  });
});

describe('indexer: what it forgets', () => {
  it('forgets manifests and the layers that only they have', async () => {
    const [shared, own] = [layer(words('a', 'x 1')), layer(words('b', 'y 1'))];
    const [first, second] = [manifestOf(shared, own), manifestOf(shared)];
    await one.index(first);
    await one.index(second);
    const unknown = digestOf('unknown');
    assert.deepEqual(await one.indexer.delete([unknown, first.hash, first.hash]), [first.hash]);
    assert.equal(await one.indexer.report(first.hash), undefined);
    await one.indexer.sweep(AbortSignal.timeout(60_000));
    assert.deepEqual(await detectorsOf(own.hash), []);
    assert.deepEqual(await detectorsOf(shared.hash), ALL);
    assert.equal(await stateOf(second), 'IndexFinished');

    assert.deepEqual(await one.indexer.delete([first.hash, second.hash]), [second.hash]);
    await one.indexer.sweep(AbortSignal.timeout(60_000));
    assert.deepEqual(await detectorsOf(shared.hash), []);
    assert.deepEqual(await one.indexer.delete([first.hash, second.hash]), []);
    assert.deepEqual(await one.indexer.delete([]), []);
  });

  it('indexes anew what it forgot', async () => {
    const manifest = manifestOf(layer(words('a', 'x 1')));
    const first = await one.index(manifest);
    await one.indexer.delete([manifest.hash]);
    await one.indexer.sweep(AbortSignal.timeout(60_000));
    assert.deepEqual(await one.index(manifest), first);
    assert.equal(store.fetched.length, 2);
  });
});
