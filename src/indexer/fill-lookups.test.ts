import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connect, type Database } from '../db/database.ts';
import { type LogFields, noLog } from '../lib/log.ts';
import { indexReport, toyEcosystem } from '../matcher/matcher.fixture.ts';
import { toWire } from '../model/index-report-wire.ts';
import { clairAnswer } from './affected.fixture.ts';
import { createIndexer } from './indexer.ts';
import { digestOf, indexerDatabase } from './indexing.fixture.ts';
import { lookupsRevision, manifestLookupsOf } from './manifest-lookups.ts';
import { saveLookups } from './store/save-lookups.ts';
import { saveManifest } from './store/save-manifest.ts';
import { saveReport } from './store/save-report.ts';
import { sweepAll } from './sweep.fixture.ts';

const { signal } = new AbortController();
const MANIFESTS = 60;
const ecosystems = [toyEcosystem()];
const revision = lookupsRevision(ecosystems);

/** Below 2. */
const VULNERABILITY = {
  id: '1',
  name: 'X',
  normalized_severity: 'High',
  package: { name: 'a', kind: 'binary' },
  distribution: { did: 'toy', name: 'Toy', version_id: '1' },
  fixed_in_version: '2',
};

describe('after an upgrade', () => {
  let db: Database;
  const open = new AsyncDisposableStack();
  const manifests = Array.from({ length: MANIFESTS }, (_, n) => digestOf(`manifest ${n}`));
  const affected = manifests.filter((_, n) => n % 3 !== 0);
  before(async () => {
    const { dsn } = open.use(await indexerDatabase());
    db = open.use(await connect(dsn, { applicationName: 'fill-test' }));
    for (const [n, manifestHash] of manifests.entries()) {
      const packages = [
        { name: 'a', version: n % 3 === 0 ? '2' : '1' },
        { name: 'own', version: String(n) },
      ];
      const report = { ...indexReport(packages), manifestHash };
      await db.transaction(async (tx) => {
        await saveManifest(tx, { hash: manifestHash, layers: [] });
        const json = JSON.stringify(toWire(report));
        await saveReport(tx, manifestHash, { state: report.state, indexerState: '', report: json });
        await saveLookups(tx, 'old', [manifestLookupsOf(report, ecosystems)]);
      });
    }
    // As if its keys had been in another order.
    await db.query({ text: `update finding set key = '\\xff', digest = '\\x00' || digest where name = 'a'` });
  });
  after(() => open.disposeAsync());

  const stored = (): { indexer: ReturnType<typeof createIndexer>; told: LogFields[] } => {
    const told: LogFields[] = [];
    const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
    const log = { ...noLog, info: (_: string, fields?: LogFields) => void told.push(fields ?? {}) };
    return { indexer: createIndexer({ db, ecosystems, scanner, log }), told };
  };
  const ask = async (indexer: ReturnType<typeof createIndexer>) =>
    Object.keys((await clairAnswer(indexer, [VULNERABILITY], signal)).vulnerable_manifests).sort();

  it('a question waits only for manifests without lookups', async () => {
    await db.query({
      text: 'delete from manifest_finding where manifest = (select id from manifest where digest = $1)',
      values: [manifests[1]],
    });
    const { indexer, told } = stored();
    assert.deepEqual(await ask(indexer), affected.toSorted());
    assert.deepEqual(told, [{ manifests: 1 }]);
    assert.equal(await indexer.lookupsMissing(), MANIFESTS - 1);
    await db.query({
      text: `update manifest_finding set revision = 'old'`,
    });
  });

  it('what the older program stored is used until it is replaced, by all replicas at once', async () => {
    const replicas = [stored(), stored()];
    assert.deepEqual(await ask(replicas[0]!.indexer), affected.toSorted());
    assert.equal(await replicas[0]!.indexer.lookupsMissing(), MANIFESTS, 'to ask replaces nothing');
    await db.query({
      text: `update manifest_finding set revision = '999-newer' where manifest = (select min(id) from manifest)`,
    });
    await Promise.all([
      ...replicas.map(({ indexer }) => indexer.fillLookups(signal)),
      ...replicas.map(async ({ indexer }) => assert.deepEqual(await ask(indexer), affected.toSorted())),
    ]);
    const filled = replicas.flatMap(({ told }) => told.map(({ manifests }) => Number(manifests)));
    assert.equal(
      filled.reduce((sum, each) => sum + each, 0),
      MANIFESTS - 1,
      'each by one of them, and nothing of a newer program',
    );
    const last = stored();
    await last.indexer.fillLookups(signal);
    assert.equal(await last.indexer.lookupsMissing(), 0);
    assert.deepEqual(last.told, []);
    assert.deepEqual(await ask(last.indexer), affected.toSorted());
    await sweepAll(db);
    assert.deepEqual(
      await db.query({ text: String.raw`select version from finding where name = 'a' and key = '\xff'` }),
      [{ version: '2' }],
      'what no manifest has any more is deleted',
    );
    const revisions = await db.query<{ revision: string }>({
      text: 'select distinct revision from manifest_finding order by 1',
    });
    assert.deepEqual(revisions, [{ revision }, { revision: '999-newer' }]);
  });

  it('one replica looks for all, and again when that was long ago', async () => {
    const told = async () => (await db.query({ text: 'select revision, old, mixed from lookups_looked' }))[0];
    await db.query({ text: 'truncate lookups_looked' });
    await ask(stored().indexer);
    assert.deepEqual(await told(), { revision, old: false, mixed: false });
    await db.query({ text: `update manifest_finding set revision = 'old'` });
    const [early, late] = [stored(), stored()];
    await early.indexer.fillLookups(signal);
    assert.deepEqual(early.told, [], 'it believes what the other one has found');
    await db.query({ text: `update lookups_looked set looked = looked - interval '10 minutes'` });
    await late.indexer.fillLookups(signal);
    assert.deepEqual(late.told, [{ manifests: MANIFESTS }]);
    assert.deepEqual(await told(), { revision, old: false, mixed: false });
  });
});
