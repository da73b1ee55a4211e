import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { connect } from '../../db/database.ts';
import { noLog } from '../../lib/log.ts';
import type { Advisory } from '../../model/advisory.ts';
import { advisory, matcherDatabase, noHttp, toyEcosystem, toyFeed } from '../matcher.fixture.ts';
import { updateFeeds } from '../updating/update-feeds.ts';
import { deleteOldRuns } from './delete-old-runs.ts';
import { DOC_LOCK } from './replace-advisories.ts';

const { signal } = new AbortController();

describe('retention', () => {
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  before(async () => {
    db = await matcherDatabase();
  });
  after(() => db[Symbol.asyncDispose]());

  const state = { records: [] as Advisory[], fingerprint: '' };
  const counts = async () => {
    const [row] = await db.query<{ runs: number; rows: number; texts: number }>({
      text: `select (select count(*) from feed_run) as runs, (select count(*) from advisory) as rows,
        (select count(*) from advisory_doc) as texts`,
    });
    return [row?.runs, row?.rows, row?.texts];
  };

  /** Four runs: 7 rows of each are gone with the next one, one stays. */
  beforeEach(async () => {
    await db.query({
      text: 'truncate feed, feed_set, feed_run, scope, feed_scope, advisory, advisory_doc, enrichment restart identity',
    });
    const ecosystems = [toyEcosystem([toyFeed('toy', state)])];
    const parts = { db, ecosystems, enrichers: [], now: () => new Date(), log: noLog, http: noHttp };
    for (let run = 1; run <= 4; run++) {
      state.fingerprint = String(run);
      const fleeting = Array.from({ length: 7 }, (_, i) => advisory(`p${i}`, `CVE-202${run}-100${i}`));
      state.records = [advisory('stays', 'CVE-2020-1111'), ...fleeting];
      await updateFeeds(parts, { signal });
    }
    assert.deepEqual(await counts(), [4, 29, 29]);
  });

  for (const batch of [1, 2, 7, 1000]) {
    it(`forgets in batches of ${batch}`, async () => {
      await deleteOldRuns(db, 2, signal, batch);
      assert.deepEqual(await counts(), [2, 15, 15]);
      await deleteOldRuns(db, 2, signal, batch);
      assert.deepEqual(await counts(), [2, 15, 15]);
    });
  }

  it('is the work of one replica at a time', async () => {
    await using other = await connect(db.dsn, { applicationName: 'replica' });
    await Promise.all([db, other, db, other].map((each) => deleteOldRuns(each, 2, signal, 3)));
    assert.deepEqual(await counts(), [2, 15, 15]);
  });

  it('leaves texts alone while an import may refer to them', async () => {
    await db.transaction(async (tx) => {
      await tx.query({ text: `select pg_advisory_xact_lock_shared(${DOC_LOCK})` });
      await deleteOldRuns(db, 2, signal);
      assert.deepEqual(await counts(), [2, 15, 29]);
    });
    // With the next rows that go.
    await deleteOldRuns(db, 1, signal);
    assert.deepEqual(await counts(), [1, 8, 8]);
  });

  it('stops when asked, and goes on the next time', async () => {
    const stop = new AbortController();
    const stopping = {
      ...db,
      query: <R extends object>(statement: Parameters<typeof db.query>[0]) => {
        if (statement.name === 'delete-closed-advisories') stop.abort();
        return db.query<R>(statement);
      },
    };
    await deleteOldRuns(stopping, 2, stop.signal, 3);
    assert.deepEqual(await counts(), [4, 26, 29]);
    await deleteOldRuns(db, 2, signal, 3);
    assert.deepEqual(await counts(), [2, 15, 15]);
  });
});
