/** How layers add up to a report, and what comes of those that cannot be read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
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
import { manifestOf, packagesOf, testIndexer } from './indexing.fixture.ts';

describe('indexer: how layers add up', () => {
  it('lets higher layers remove and replace', async () => {
    const report = await one.index(
      manifestOf(
        layer(words('opt/a', 'a 1'), words('opt/b', 'b 1'), words('srv/c', 'c 1'), database('libc 1')),
        layer({ name: 'opt/.wh.a.words' }, words('opt/b', 'b 2'), { name: 'srv/.wh..wh..opq' }),
        layer(words('opt/a', 'a 3'), database('libc 3\nzlib 3')),
      ),
    );
    assert.deepEqual(packagesOf(report), ['a 3.1', 'b 2.1', 'libc 3', 'zlib 3']);
  });

  it('keeps one row of a layer for all that found nothing, and reads what an older release has stored', async () => {
    const plain = layer({ name: 'etc/motd', content: 'hello' });
    const manifest = manifestOf(plain);
    const first = await one.index(manifest);
    const stored = await rows('select detector from layer_scan where layer = $1 order by 1', plain.hash);
    assert.deepEqual(
      stored.map((each) => String(each).split(':')[0]),
      ['all', 'layer'],
    );
    assert.deepEqual(await detectorsOf(plain.hash), ALL);
    await rows(`delete from layer_scan where layer = $1 and starts_with(detector, 'all:')`, plain.hash);
    for (const detector of ['system:1:package', 'words:1:package'])
      await rows(`insert into layer_scan values ($1, $2, '[]')`, plain.hash, detector);
    await rows('delete from index_report');
    assert.deepEqual(await one.index(manifest), first);
    assert.deepEqual(store.fetched, [plain.hash], 'nothing is fetched again');
  });

  it('is the same with short names of layers, which only a report that is finished has', async () => {
    await using short = await testIndexer(dsn, '1', undefined, true);
    const [good, bad] = [layer(words('a', 'x 1'), database('libc 1')), layer(words('b', 'y 1'))];
    const manifest = manifestOf(good, bad);
    const names = () =>
      rows(
        'select length(layer) from manifest_layer l join manifest m on m.id = l.manifest where m.digest = $1',
        manifest.hash,
      );
    store.intercept = (digest, response) => {
      if (digest !== bad.hash) return false;
      response.writeHead(403).end('go away');
      return true;
    };
    await assert.rejects(short.index(manifest), { code: 'layer-refused' });
    assert.deepEqual(await names(), [71, 71]);
    store.intercept = () => false;
    const report = await short.index(manifest);
    assert.deepEqual(packagesOf(report), ['x 1.1', 'y 1.1', 'libc 1']);
    assert.deepEqual(await names(), [43, 43]);
    // An indexer without the setting reads them, asks a new detector alone, and stores its own form.
    store.fetched.length = 0;
    await rows('delete from index_report where report = $1', JSON.stringify(report));
    assert.deepEqual(await one.index(manifest), report);
    assert.deepEqual(store.fetched, []);
    assert.deepEqual(await names(), [71, 71]);
    await using two = await testIndexer(dsn, '2');
    assert.deepEqual(packagesOf(await two.index(manifest)), ['x 1.2', 'y 1.2', 'libc 1']);
    assert.deepEqual(await detectorsOf(good.hash), [...ALL, 'words:2:package']);
  });

  it('leaves out what the system owns, whichever detector is new', async () => {
    const owning = layer(words('opt/a', 'a 1'), words('opt/b', 'b 1'), database('libc 1 opt/a.words'));
    const manifest = manifestOf(owning, layer(words('opt/b', 'b 2')));
    assert.deepEqual(packagesOf(await one.index(manifest)), ['b 2.1', 'libc 1']);
    await using two = await testIndexer(dsn, '2');
    assert.deepEqual(packagesOf(await two.index(manifest)), ['b 2.2', 'libc 1']);
    // Nor is it the other way round: of the words what is stored, and the system asked anew.
    for (const detector of ['system:1:package', 'layer:%']) {
      await rows('delete from layer_scan where layer = $1 and detector like $2', owning.hash, detector);
      await rows(
        `
          with other as (
            insert into layer_detectors (digest, detectors)
            select 'without ' || $2, array(select each from unnest(d.detectors) as each where each not like $2)
            from layer_scan s join layer_detectors d on s.detector = 'all:' || d.digest where s.layer = $1
          )
          update layer_scan set detector = 'all:without ' || $2 where layer = $1 and starts_with(detector, 'all:')`,
        owning.hash,
        detector,
      );
      await rows(
        'delete from index_report where manifest = (select id from manifest where digest = $1)',
        manifest.hash,
      );
      assert.deepEqual(packagesOf(await one.index(manifest)), ['b 2.1', 'libc 1']);
    }
  });

  it('takes away what a file that says nothing replaces', async () => {
    const base = layer(words('opt/a', 'a 1'), words('opt/b', 'b 1'));
    const top = layer({ name: 'opt/a.words', content: '' }, { name: 'opt/b.words', flag: '2', link: 'x' });
    assert.deepEqual(packagesOf(await one.index(manifestOf(base, top))), []);
    assert.deepEqual(packagesOf(await one.index(manifestOf(top, base))), ['a 1.1', 'b 1.1']);
  });

  it('says which layer brought what', async () => {
    const manifest = manifestOf(layer(database('libc 1\nzlib 1')), layer(database('libc 2\nzlib 1')));
    const { packages, environments } = await one.index(manifest);
    const introduced = Object.entries(packages).map(([id, { name }]) => [
      name,
      manifest.layers.findIndex(({ hash }) => hash === environments[id]?.[0]?.introduced_in),
    ]);
    assert.deepEqual(introduced, [
      ['libc', 1],
      ['zlib', 0],
    ]);
  });

  it('takes the same layer twice', async () => {
    const [base, top] = [layer(words('a', 'x 1')), layer({ name: '.wh.a.words' })];
    assert.deepEqual(packagesOf(await one.index(manifestOf(base, top, base))), ['x 1.1']);
    assert.deepEqual(packagesOf(await one.index(manifestOf(base, top))), []);
    assert.deepEqual(store.fetched.toSorted(), [base.hash, top.hash].toSorted());
  });

  it('shows what could not be read, once, and keeps the rest', async () => {
    const odd = [words('a', 'odd 1\nx 1'), database('libc 1')] as const;
    const report = await one.index(manifestOf(layer(...odd), layer(...odd), layer(words('z', 'throws 9'))));
    assert.deepEqual(packagesOf(report), ['x 1.1', 'libc 1']);
    assert.deepEqual(report.problems, [
      { source: 'words', where: 'a.words', reason: 'odd 1' },
      {
        source: 'words',
        where: '',
        reason: 'detector failed, what it found in this layer is lost: cannot read 9',
      },
    ]);
  });

  it('shows what is wrong with a layer itself', async () => {
    const report = await one.index(
      manifestOf(layer({ name: 'a', flag: '2', link: 'a' }, words('a/b', 'x 1'), words('c', 'y 1'))),
    );
    assert.deepEqual(packagesOf(report), ['y 1.1']);
    assert.deepEqual(report.problems, [
      { source: 'layer', where: 'a/b.words', reason: 'symbolic links of its directory form a loop' },
    ]);
  });
});

describe('indexer: what goes wrong', () => {
  it('stores why it failed, keeps the layers that were done, and tries again', async () => {
    const [good, bad] = [layer(words('a', 'x 1')), layer(words('b', 'y 1'))];
    const manifest = manifestOf(good, bad);
    await one.index(manifestOf(good));
    store.intercept = (digest, response) => {
      if (digest !== bad.hash) return false;
      response.writeHead(403).end('go away');
      return true;
    };
    await assert.rejects(one.index(manifest), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'layer-refused');
      assert.match(error.message, /^failed to start scan: failed to fetch layers: .*403.*go away/);
      assert.match(error.message, new RegExp(bad.hash));
      return true;
    });
    const stored = JSON.parse((await (await one.indexer.report(manifest.hash))?.json()) ?? '');
    assert.deepEqual([stored.state, stored.success, packagesOf(stored)], ['IndexError', false, []]);
    assert.match(stored.err, /^failed to fetch layers: .*403/);
    assert.equal(await finishedOf(one, manifest), undefined);
    assert.deepEqual(await detectorsOf(good.hash), ALL);
    assert.deepEqual(await detectorsOf(bad.hash), []);

    store.intercept = () => false;
    store.fetched.length = 0;
    assert.deepEqual(packagesOf(await one.index(manifest)), ['x 1.1', 'y 1.1']);
    assert.deepEqual(store.fetched, [bad.hash]);
  });

  const broken: [string, Buffer, string][] = [
    ['no archive', Buffer.from('<html>'.repeat(500)), 'bad-layer'],
    ['an unknown compression', Buffer.from('fd377a585a000000', 'hex'), 'bad-layer'],
  ];
  for (const [what, bytes, code] of broken) {
    it(`says ${code} of ${what}`, async () => {
      const manifest = manifestOf(store.blob(bytes));
      await assert.rejects(one.index(manifest), { name: 'AppError', code });
      assert.equal(await stateOf(manifest), 'IndexError');
    });
  }

  it('is right after a client that went away', async () => {
    const [done, slow] = [layer(words('a', 'x 1')), layer(words('b', 'y 1'))];
    const manifest = manifestOf(done, slow);
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    store.intercept = (digest) => {
      if (digest !== slow.hash) return false;
      resolve();
      return true; // no answer
    };
    const gone = new AbortController();
    const first = assert.rejects(one.index(manifest, gone.signal), /client is gone/);
    await asked;
    // The layer that is done is stored at once.
    for (let i = 0; i < 400 && (await detectorsOf(done.hash)).length === 0; i++) await sleep(25);
    gone.abort(new Error('client is gone'));
    await first;
    assert.equal(await stateOf(manifest), 'ScanLayers');
    assert.equal(await finishedOf(one, manifest), undefined);

    store.intercept = () => false;
    store.fetched.length = 0;
    assert.deepEqual(packagesOf(await one.index(manifest)), ['x 1.1', 'y 1.1']);
    assert.deepEqual(store.fetched, [slow.hash]);
    assert.equal(await stateOf(manifest), 'IndexFinished');
  });

  it('scans once what two indexers are given at the same time', async () => {
    await using two = await testIndexer(dsn);
    const manifest = manifestOf(layer(words('a', 'x 1')), layer(words('b', 'y 1')));
    const reports = await Promise.all([one, two, one, two].map((each) => each.index(manifest)));
    for (const report of reports) assert.deepEqual(report, reports[0]);
    assert.deepEqual(store.fetched.toSorted(), manifest.layers.map(({ hash }) => hash).toSorted());
  });

  it('takes manifests that share their layers at the same time', async () => {
    await using two = await testIndexer(dsn);
    const shared = Array.from({ length: 4 }, (_, i) => layer(words(`s${i}`, `s${i} 1`)));
    const manifests = shared.map((_, i) => manifestOf(...shared.slice(i), ...shared.slice(0, i)));
    const reports = await Promise.all(manifests.map((manifest, i) => [one, two][i % 2]!.index(manifest)));
    for (const report of reports)
      assert.deepEqual(packagesOf(report), ['s0 1.1', 's1 1.1', 's2 1.1', 's3 1.1']);
  });
});
