/** What a release before documents in S3 writes is seen: its statements, on the schema of this one. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { connect, type Database, type Statement } from '../../db/database.ts';
import { digestOf, indexerDatabase } from '../indexing.fixture.ts';
import { HELD_TABLES, loadHeld, replaceHeld } from './store.ts';

const digest = digestOf('the manifest');
const document = digestOf('the document');
const REFERENCE = `document:${document}:0000200000`;
const save = (state: string, report: string): Statement => ({
  text: `
    insert into index_report (manifest, state, indexer_state, report)
    select id, $2, 'older', $3 from manifest where digest = $1
    on conflict (manifest) do update set
      state = excluded.state, indexer_state = excluded.indexer_state, report = excluded.report, updated = now()`,
  values: [digest, state, report],
});
const saveLayer = (findings: string): Statement => ({
  text: `
    insert into layer_scan (layer, detector, findings) values ('sha256:layer', 'detector:1', $1)
    on conflict (layer, detector) do update set findings = excluded.findings`,
  values: [findings],
});
const sql = (text: string): Statement => ({ text });

describe('what a release without an object store writes', () => {
  let db: Database;
  const open = new AsyncDisposableStack();
  before(async () => {
    const { dsn } = open.use(await indexerDatabase());
    // One connection: nothing of a move may be left in it.
    db = open.use(await connect(dsn, { applicationName: 'older-release-test', max: 1 }));
  });
  after(() => open.disposeAsync());
  beforeEach(async () => {
    await db.query(sql('truncate manifest, layer_scan, document, manifest_change cascade'));
    await db.query({ text: 'insert into manifest (digest) values ($1)', values: [digest] });
    await db.query({
      text: 'insert into document (digest, size, loose) values ($1, 200000, null)',
      values: [document],
    });
  });

  const rows = (text: string) => db.query<Record<string, unknown>>({ text });
  const forget = () => rows('delete from manifest_change');

  const cases: readonly {
    readonly what: string;
    readonly stored: readonly Statement[];
    readonly written: Statement;
    /** `gone` of the change that followers read; none: no change. */
    readonly told: readonly boolean[];
    /** Whether the document may be without a row from then on. */
    readonly loose: boolean;
  }[] = [
    {
      what: 'a first report is told',
      ...{ stored: [], written: save('IndexFinished', '{}'), told: [false], loose: false },
    },
    {
      what: 'a report in place of a reference is told, and the document is looked after',
      stored: [save('IndexFinished', REFERENCE)],
      ...{ written: save('IndexFinished', '{}'), told: [false], loose: true },
    },
    {
      what: 'the same report again is told',
      stored: [save('IndexFinished', '{}')],
      ...{ written: save('IndexFinished', '{}'), told: [false], loose: false },
    },
    {
      what: 'a failure in place of a reference is told',
      stored: [save('IndexFinished', REFERENCE)],
      ...{ written: save('IndexError', '{}'), told: [false], loose: true },
    },
    {
      what: 'progress is not told',
      ...{ stored: [], written: save('ScanLayers', '{}'), told: [], loose: false },
    },
    {
      what: 'a deleted manifest is told, and its document is looked after',
      stored: [save('IndexFinished', REFERENCE)],
      ...{ written: sql('delete from manifest'), told: [true], loose: true },
    },
    {
      what: 'a layer in place of a reference',
      stored: [saveLayer(REFERENCE)],
      ...{ written: saveLayer('[]'), told: [], loose: true },
    },
    {
      what: 'a deleted layer',
      stored: [saveLayer(REFERENCE)],
      ...{ written: sql('delete from layer_scan'), told: [], loose: true },
    },
  ];
  for (const { what, stored, written, told, loose } of cases) {
    it(what, async () => {
      for (const statement of stored) await db.query(statement);
      await forget();
      await db.query(written);
      assert.deepEqual(
        await rows('select digest, gone from manifest_change'),
        told.map((gone) => ({ digest, gone })),
      );
      assert.deepEqual(await rows('select loose is not null as loose from document'), [{ loose }]);
    });
  }

  it('is told by a connection that has moved documents, which is not', async () => {
    await db.query(save('IndexFinished', REFERENCE));
    await forget();
    const [reports] = HELD_TABLES;
    const [row] = await loadHeld(db, reports!, { after: reports!.first, least: 0, limit: 1 });
    await replaceHeld(db, reports!, row!, '{}');
    assert.deepEqual(await rows('select report from index_report'), [{ report: '{}' }]);
    assert.deepEqual(await rows('select digest from manifest_change'), []);
    await db.query(save('IndexFinished', '{"other":1}'));
    assert.deepEqual(await rows('select digest from manifest_change'), [{ digest }]);
  });
});
