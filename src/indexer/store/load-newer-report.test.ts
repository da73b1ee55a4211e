import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { testDatabase } from '../../db/database.fixture.ts';
import { connect, type Database } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { parseDigest } from '../../model/digest.ts';
import { INDEXER_SCHEMA } from '../../schemas.ts';
import { inRows } from '../documents/documents.ts';
import { loadNewerReport } from './load-newer-report.ts';
import { saveManifest } from './save-manifest.ts';
import { saveReport } from './save-report.ts';

const DIGEST = parseDigest(`sha256:${'a'.repeat(64)}`);

describe('loadNewerReport', () => {
  const open = new AsyncDisposableStack();
  let db: Database;
  before(async () => {
    const { dsn } = open.use(await testDatabase());
    db = open.use(await connect(dsn, { applicationName: 'test' }));
    await migrate(db, INDEXER_SCHEMA);
  });
  after(() => open.disposeAsync());

  const save = (state: string, report: string): Promise<void> =>
    db.transaction(async (tx) => {
      await saveManifest(tx, { hash: DIGEST, layers: [] });
      await saveReport(tx, DIGEST, { state, indexerState: 's', report });
    });

  it('gives a report to who has none, or another one', async () => {
    assert.equal(await loadNewerReport(db, inRows, DIGEST, undefined), undefined);
    await save('IndexError', '{}');
    assert.equal(await loadNewerReport(db, inRows, DIGEST, undefined), undefined);
    await save('IndexFinished', '{"a":1}');
    const first = await loadNewerReport(db, inRows, DIGEST, undefined);
    assert.equal(first?.json, '{"a":1}');
    assert.deepEqual(await loadNewerReport(db, inRows, DIGEST, first?.version), {
      ...first,
      json: undefined,
    });
    await save('IndexFinished', '{"a":2}');
    const second = await loadNewerReport(db, inRows, DIGEST, first?.version);
    assert.equal(second?.json, '{"a":2}');
    assert.notEqual(second?.version, first?.version);
  });
});
