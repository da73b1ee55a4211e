/** The statements behind a report look rows up: none reads one of the big tables through. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Session, Statement } from '../db/database.ts';
import { noLog } from '../lib/log.ts';
import { createCoverings } from './covering.ts';
import { DocCache } from './doc-cache.ts';
import { match } from './match.ts';
import {
  advisory,
  indexReport,
  matcherDatabase,
  noHttp,
  toyEcosystem,
  toyEnricher,
  toyFeed,
} from './testing.ts';
import { updateFeeds } from './update-feeds.ts';

it('plans of a report', async () => {
  await using db = await matcherDatabase();
  const records = Array.from({ length: 12_000 }, (_, n) =>
    advisory(`p${n % 4000}`, `CVE-2020-${10_000 + n}`),
  );
  const facts = Array.from({ length: 12_000 }, (_, n) => ({ tag: `CVE-2020-${10_000 + n}`, data: { n } }));
  const ecosystems = [toyEcosystem([toyFeed('toy/feed', { records })])];
  const enrichers = [toyEnricher('clair.cvss', { records: facts })];
  const now = () => new Date();
  const { signal } = new AbortController();
  await updateFeeds({ db, ecosystems, enrichers, now, log: noLog, http: noHttp }, { signal });

  const statements: Statement[] = [];
  const watched: Session = {
    ...db,
    query(statement) {
      statements.push(statement);
      return db.query(statement);
    },
  };
  const packages = Array.from({ length: 50 }, (_, n) => ({ name: `p${n}`, version: '1' }));
  const options = {
    ecosystems,
    enrichers: ['clair.cvss'],
    coverings: createCoverings(),
    docs: new DocCache(0),
  };
  const { affected, docs } = await match(watched, indexReport(packages), options);
  assert.equal(
    affected.reduce((sum, ids) => sum + ids.size, 0),
    150,
  );
  assert.equal([...docs.values()].filter(({ facts }) => facts !== null).length, 150);

  // As an import leaves them, whether or not the server has come to look at them.
  for (const state of ['just imported', 'analyzed']) {
    if (state === 'analyzed') await db.query({ text: 'vacuum analyze' });
    for (const { name, text, values } of statements) {
      const lines = await db.query<{ 'QUERY PLAN': string }>({
        text: `explain ${text}`,
        ...(values && { values }),
      });
      const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
      assert.doesNotMatch(plan, /Seq Scan on (advisory|advisory_doc|enrichment)\b/, `${name}, ${state}`);
    }
  }
  assert.ok(statements.length >= 5);
});
