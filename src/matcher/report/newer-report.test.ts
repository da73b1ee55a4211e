/** A report that is asked for again: the index report is not sent again, and a new one is seen. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { testDatabase } from '../../db/database.fixture.ts';
import { connect } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { parseDigest } from '../../model/digest.ts';
import { MATCHER_SCHEMA } from '../../schemas.ts';
import { createMatcher } from '../matcher.ts';

const DIGEST = parseDigest(`sha256:${'a'.repeat(64)}`);

it('keeps a report while the version of its index report is the same', async () => {
  await using database = await testDatabase();
  await using db = await connect(database.dsn, { applicationName: 'test' });
  await migrate(db, MATCHER_SCHEMA);
  const indexed = (name: string): string =>
    JSON.stringify({
      manifest_hash: DIGEST,
      state: 'IndexFinished',
      packages: { 1: { id: '1', name, version: '1', kind: 'binary' } },
      distributions: {},
      repository: {},
      environments: { 1: [{ package_db: 'x', introduced_in: DIGEST, distribution_id: '' }] },
      success: true,
      err: '',
    });
  let stored: { version: string; json: string } | undefined = { version: '1', json: indexed('first') };
  let sent = 0;
  const matcher = createMatcher({
    db,
    ecosystems: [],
    enrichers: [],
    now: () => new Date(),
    indexer: {
      indexReport: async () => assert.fail('the version tells more'),
      async newerReport(_digest, known) {
        if (stored === undefined) return undefined;
        if (stored.version === known) return { version: known, json: undefined };
        sent++;
        return stored;
      },
    },
  });
  const names = async (): Promise<string> =>
    JSON.parse(String((await matcher.vulnerabilityReport(DIGEST))?.body)).packages[1].name;
  assert.deepEqual([await names(), await names(), sent], ['first', 'first', 1]);
  stored = { version: '2', json: indexed('second') };
  assert.deepEqual([await names(), await names(), sent], ['second', 'second', 2]);
  stored = undefined;
  assert.equal(await matcher.vulnerabilityReport(DIGEST), undefined);
});
