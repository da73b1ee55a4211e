/** The statements behind a report look rows up: none reads one of the big tables through. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Session, Statement } from '../../db/database.ts';
import { noLog } from '../../lib/log.ts';
import { findAll } from '../findings/find.ts';
import {
  advisory,
  indexReport,
  matcherDatabase,
  noHttp,
  text,
  toyEcosystem,
  toyEnricher,
  toyFeed,
} from '../matcher.fixture.ts';
import { ShownCache } from '../shown/shown-cache.ts';
import { updateFeeds } from '../updating/update-feeds.ts';
import { createCoverings } from './covering.ts';
import { match } from './match.ts';

it('plans of a report', async () => {
  await using db = await matcherDatabase();
  const records = Array.from({ length: 12_000 }, (_, n) =>
    advisory(`p${n % 4000}`, `CVE-2020-${10_000 + n}`, {
      // Some go by another name, some of which says nothing of severity.
      ...(n % 3 === 1 && {
        vulnerability: text(`GHSA-${n}`, {
          aliases: [`PYSEC-${n}`],
          ...(n % 2 === 1 && { severity: '', normalizedSeverity: 'Unknown' }),
        }),
      }),
      ...(n % 3 === 2 && { vulnerability: text(`GO-${n}`, { aliases: [`CVE-2020-${10_000 + n}`] }) }),
    }),
  );
  const facts = Array.from({ length: 12_000 }, (_, n) => ({ tag: `CVE-2020-${10_000 + n}`, data: { n } }));
  const ecosystems = [toyEcosystem([toyFeed('toy/feed', { records })])];
  const scores = facts.map(({ tag }) => ({ tag, data: { cve: tag, epss: 0.5, percentile: 0.5 } }));
  const probabilities = ['epss', 'percentile'] as const;
  const enrichers = [
    toyEnricher('clair.cvss', { records: facts }),
    { ...toyEnricher('clair.epss', { records: scores }), probabilities },
  ];
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
    enrichers: ['clair.cvss', 'clair.epss'],
    coverings: createCoverings(),
    shown: new ShownCache(0),
  };
  const matches = await match(watched, indexReport(packages), options);
  const { affected, shown } = matches;
  assert.equal((await findAll(watched, matches, ecosystems)).length, 150);
  assert.equal(
    [...affected.values()].reduce((sum, ids) => sum + ids.size, 0),
    150,
  );
  assert.equal(shown.filter(({ facts }) => facts.size > 0).length, 100);

  // A list of pending entries would be read through by each lookup until somebody vacuums.
  const indexes = await db.query<{ name: string; options: string[] | null }>({
    text: `select c.relname as name, c.reloptions as options
      from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am m on m.oid = c.relam
      where m.amname = 'gin' and i.indrelid::regclass::text ~ '^(advisory|enrichment)'`,
  });
  assert.ok(indexes.length > 0);
  for (const { name, options } of indexes) assert.ok(options?.includes('fastupdate=off'), name);

  // As an import leaves them, whether or not the server has come to look at them.
  for (const state of ['just imported', 'analyzed']) {
    if (state === 'analyzed') await db.query({ text: 'vacuum analyze' });
    for (const { name, text, values } of statements) {
      const lines = await db.query<{ 'QUERY PLAN': string }>({
        text: `explain ${text}`,
        ...(values && { values }),
      });
      const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
      assert.doesNotMatch(
        plan,
        /Seq Scan on (advisory|advisory_doc|enrichment|enrichment_block)\b/,
        `${name}, ${state}`,
      );
    }
  }
  assert.ok(statements.length >= 5);
});
