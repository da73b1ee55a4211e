import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { TarFile } from '../image/tar/writer.fixture.ts';
import type { LayerReference, Manifest } from '../model/manifest.ts';
import {
  digestOf,
  indexerDatabase,
  type LayerStore,
  layerStore,
  manifestOf,
  packagesOf,
  type TestIndexer,
  testIndexer,
} from './indexing.fixture.ts';

const open = new AsyncDisposableStack();
let store: LayerStore;
let dsn = '';
let one: TestIndexer;

before(async () => {
  store = open.use(await layerStore());
  const database = open.use(await indexerDatabase());
  dsn = database.dsn;
  one = open.use(await testIndexer(dsn));
});
after(() => open.disposeAsync());
afterEach(() => {
  store.intercept = () => false;
  store.fetched.length = 0;
});

let made = 0;
/** A layer that no other test has. */
const layer = (...files: readonly TarFile[]): LayerReference =>
  store.layer(...files, { name: 'made', content: String(++made) });
const words = (name: string, content: string) => ({ name: `${name}.words`, content });
const database = (content: string) => ({ name: 'var/db', content });

async function rows(text: string, ...values: unknown[]): Promise<unknown[]> {
  return (await one.db.query<Record<string, unknown>>({ text, values })).map((row) => Object.values(row)[0]);
}
/** With the facts of the layer as `layer`: their name goes with the detectors that there are. */
const detectorsOf = async (hash: string) => {
  const stored = await rows(
    `
      select detector from layer_scan where layer = $1 and not starts_with(detector, 'all:')
      union
      select unnest(d.detectors) from layer_scan s join layer_detectors d on s.detector = 'all:' || d.digest
      where s.layer = $1 order by 1`,
    hash,
  );
  return [...new Set(stored.map((each) => String(each).replace(/^layer:3-[0-9a-f]{16}:file$/, 'layer')))];
};
const stateOf = async ({ hash }: Manifest) => (await one.indexer.report(hash))?.state;

async function finishedOf({ indexer }: TestIndexer, { hash }: Manifest): Promise<unknown> {
  const json = await indexer.indexReport(hash);
  return json && JSON.parse(json);
}

const ALL = ['layer', 'system:1:package', 'words:1:package'];

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
