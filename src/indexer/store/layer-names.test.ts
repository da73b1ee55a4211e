/** Short names of layers are the same layers: for reads, sweeps and sets, while they are converted, and in either form at once. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import { connect, type Database } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { indexReport } from '../../matcher/matcher.fixture.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import { indexerOf, killedAfter, signal, storeReport } from '../affected-toy.fixture.ts';
import { inRows } from '../documents/documents.ts';
import { digestOf, indexerDatabase } from '../indexing.fixture.ts';
import { sweepAll } from '../sweep.fixture.ts';
import { layerName, layerNames, layerOf, namesSql } from './layer-names.ts';
import { loadLayerScans, type SavedScan, saveLayerScans } from './layer-scans.ts';
import { saveManifest } from './save-manifest.ts';

let db: Database;
const open = new AsyncDisposableStack();
before(async () => {
  const { dsn } = open.use(await indexerDatabase());
  db = open.use(await connect(dsn, { applicationName: 'layers-test' }));
});
after(() => open.disposeAsync());
beforeEach(async () => {
  await db.query({
    text: `
      truncate manifest, finding, lookup_set, layer_scan, layer_detectors, deleted_manifest, manifest_change cascade`,
  });
});

async function column(text: string, ...values: unknown[]): Promise<unknown[]> {
  const rows = await db.query<Record<string, unknown>>({ text, values });
  return rows.flatMap((row) => Object.values(row));
}
const isShort = (table: string): Promise<unknown[]> =>
  column(`select distinct length(layer) = 43 from ${table} order by 1`);
const reference = (hash: Digest) => ({ hash, uri: '', headers: {} });
const layer = (name: string): Digest => digestOf(`layer ${name}`);
const hashOf = (name: string): Digest => digestOf(`manifest ${name}`);
const save = (name: string, compact: boolean, ...layers: readonly Digest[]) =>
  db.transaction((tx) => saveManifest(tx, { hash: hashOf(name), layers: layers.map(reference) }, compact));
const saveScan = (compact: boolean, scan: SavedScan) =>
  saveLayerScans(db, { documents: inRows, compact }, scan);
const load = async (of: Digest, ...detectors: readonly string[]): Promise<Record<string, string>> => {
  const rows = await loadLayerScans(db, inRows, [of], detectors);
  assert.deepEqual([...new Set(rows.map((row) => row.layer))], rows.length > 0 ? [of] : []);
  return Object.fromEntries(rows.map(({ detector, found }) => [detector, found]).sort());
};

const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('hex'));
const digests = fc.oneof(
  hex(32).map((text) => parseDigest(`sha256:${text}`)),
  hex(64).map((text) => parseDigest(`sha512:${text}`)),
);

describe('names of layers', () => {
  it('are read back, and no two layers share one, in SQL as well', async () => {
    await fc.assert(
      fc.asyncProperty(digests, digests, async (one, two) => {
        for (const compact of [false, true]) {
          const name = layerName(one, compact);
          assert.equal(layerOf(name), one);
          assert.equal(name.length === 43, compact && one.startsWith('sha256:'));
          assert.equal(layerNames([two]).includes(name), one === two);
          const [names] = await column(`select ${namesSql('n')} from (select $1::text as n) t`, name);
          const known = (names as (string | null)[]).filter((each) => each !== null);
          assert.deepEqual(known.sort(), layerNames([one]).sort());
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are given when a manifest is submitted again, and told as digests', async () => {
    const layers = [layer('base'), layer('own'), layer('base')];
    for (const compact of [true, false, true]) {
      await save('one', compact, ...layers);
      assert.deepEqual(await isShort('manifest_layer'), [compact]);
      await column(`
        insert into manifest_change select digest, pg_current_xact_id(), false from manifest on conflict do nothing`);
      const { changes } = await indexerOf(db).manifests('', 10);
      assert.deepEqual(
        changes.map((change) => change.layers),
        [layers],
      );
    }
  });

  for (const first of [false, true])
    it(`are shared by manifests whose rows have ${first ? 'the same name' : 'two names'}: their lookups become a set`, async () => {
      const base = layer('base');
      const report = indexReport(Array.from({ length: 20 }, (_, n) => ({ name: `p-${n}`, version: '1' })));
      const packages = report.packages.map((each) => ({
        ...each,
        environments: each.environments.map((environment) => ({ ...environment, introducedIn: base })),
      }));
      for (const [name, compact] of [
        ['first', first],
        ['second', true],
      ] as const)
        await storeReport(
          db,
          { ...report, packages, manifestHash: hashOf(name) },
          { layers: [base], compact },
        );
      assert.deepEqual(
        await column(
          'select concat(cardinality(findings), sets <> $1) from manifest_finding order by manifest',
          [],
        ),
        ['20f', '0t'],
      );
    });
});

describe('detections of layers', () => {
  for (const first of [false, true])
    for (const second of [false, true]) {
      const forms = `${first ? 'short' : 'long'} and ${second ? 'short' : 'long'} names`;

      it(`add up: ${forms}`, async () => {
        await saveScan(first, {
          layer: layer('a'),
          looked: ['one:1', 'two:1'],
          rows: [
            { detector: 'one:1', found: '["x"]' },
            { detector: 'two:1', found: '[]' },
          ],
        });
        // As an upgrade does: only the new detector has scanned, the row says that all have.
        const looked = ['one:1', 'three:1', 'two:1'];
        const rows = [{ detector: 'three:1', found: '["y"]' }];
        await saveScan(second, { layer: layer('a'), looked, rows });
        const all = { 'one:1': '["x"]', 'three:1': '["y"]', 'two:1': '[]' };
        assert.deepEqual(await load(layer('a'), ...looked), all);
        assert.deepEqual(await isShort('layer_scan'), [second], 'all rows of a layer have one name');
        await saveScan(second, { layer: layer('a'), looked, rows });
        assert.deepEqual(await load(layer('a'), ...looked), all);
        assert.deepEqual(await column('select count(*)::int from layer_scan'), [3]);
      });

      for (const scanned of [false, true])
        it(`stay while a manifest has the layer: ${forms}, scan with ${scanned ? 'short' : 'long'} ones`, async () => {
          const rows = [{ detector: 'one:1', found: '["x"]' }];
          for (const name of ['shared', 'own'])
            await saveScan(scanned, { layer: layer(name), looked: ['one:1'], rows });
          await save('first', first, layer('shared'), layer('own'));
          await save('second', second, layer('shared'));
          const left = async () => [await load(layer('shared'), 'one:1'), await load(layer('own'), 'one:1')];
          await indexerOf(db).delete([hashOf('first')]);
          await sweepAll(db);
          assert.deepEqual(await left(), [{ 'one:1': '["x"]' }, {}]);
          await indexerOf(db).delete([hashOf('second')]);
          await sweepAll(db);
          assert.deepEqual(await left(), [{}, {}]);
        });
    }

  it('are forgotten under both names where a document is missing', async () => {
    const missing = {
      ...inRows,
      read: () => Promise.reject(new AppError('document-missing', 'gone')),
    };
    const scan = { layer: layer('a'), looked: ['one:1'], rows: [{ detector: 'one:1', found: '["x"]' }] };
    await saveScan(true, scan);
    await column(
      'insert into layer_scan select $1, detector, findings from layer_scan',
      layerName(layer('a'), false),
    );
    assert.deepEqual(await loadLayerScans(db, missing, [layer('a')], ['one:1']), []);
    assert.deepEqual(await column('select layer from layer_scan'), []);
  });
});

describe('a change of the setting', () => {
  const COUNT = 40;
  const layersOf = (n: number): Digest[] => [
    layer(`base ${n % 3}`),
    ...(n % 5 === 0 ? [parseDigest(`sha512:${String(n).padStart(128, '0')}`)] : []),
    layer(`middle ${n % 7}`),
    layer(`own ${n}`),
  ];
  const stored = async (): Promise<unknown> => {
    const { changes } = await indexerOf(db).manifests('', 1000);
    const layers = changes.map((change) => [change.digest, change.layers] as const);
    const scans = [];
    for (const each of new Set(layers.flatMap(([, own]) => own)))
      scans.push([each, await load(each as Digest, 'one:1', 'two:1')]);
    return { layers: layers.sort(), scans: scans.sort() };
  };

  it('renames the layers of all manifests and their detections, in many replicas at once, and back', async () => {
    for (let n = 0; n < COUNT; n++) {
      const report = { ...indexReport([{ name: `p-${n}`, version: '1' }]), manifestHash: hashOf(String(n)) };
      await storeReport(db, report, { layers: layersOf(n) });
      for (const each of layersOf(n))
        await saveScan(false, {
          layer: each,
          looked: ['one:1', 'two:1'],
          rows: [{ detector: 'one:1', found: JSON.stringify([each]) }],
        });
    }
    const before = await stored();
    const count = await column('select count(*)::int from layer_scan');
    for (const compact of [true, false]) {
      const replicas = Array.from({ length: 3 }, () => indexerOf(db, undefined, compact));
      await Promise.all(replicas.map((each) => each.fillLookups(signal)));
      assert.deepEqual(await stored(), before);
      for (const table of ['manifest_layer', 'layer_scan']) {
        const names = `select distinct length(layer) from ${table} where not starts_with(layer, 'sha512:')`;
        assert.deepEqual(await column(names), [compact ? 43 : 71], table);
      }
      assert.deepEqual(await column('select count(*)::int from layer_scan'), count);
    }
  });

  it('stops with a killed replica where both forms are the same, and goes on', async () => {
    for (let n = 0; n < 25; n++) {
      const report = { ...indexReport([{ name: `p-${n}`, version: '1' }]), manifestHash: hashOf(String(n)) };
      await storeReport(db, report, { layers: layersOf(n) });
      for (const each of layersOf(n))
        await saveScan(false, { layer: each, looked: ['one:1', 'two:1'], rows: [] });
    }
    const before = await stored();
    await assert.rejects(indexerOf(killedAfter(db, 2), undefined, true).fillLookups(signal), /killed/);
    assert.deepEqual(await isShort('manifest_layer'), [false, true]);
    assert.deepEqual(await stored(), before);
    await indexerOf(db, undefined, true).fillLookups(signal);
    assert.deepEqual(await stored(), before);
    assert.deepEqual(
      await column(
        `select distinct length(layer) from manifest_layer where not starts_with(layer, 'sha512:')`,
      ),
      [43],
    );
  });
});
