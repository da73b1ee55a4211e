import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import { noLog } from '../../lib/log.ts';
import { toWire } from '../../model/index-report-wire.ts';
import {
  advisory,
  indexReport,
  matcherDatabase,
  noHttp,
  text,
  toyEcosystem,
  toyFeed,
} from '../matcher.fixture.ts';
import { createMatcher, type Matcher } from '../matcher.ts';
import type { VulnerabilityReportWire } from '../report/report-wire.ts';
import { candidatesStatement } from '../store/load-candidates.ts';
import { matchAtStatement } from '../store/match-at.ts';
import { updateFeeds } from '../updating/update-feeds.ts';

const { signal } = new AbortController();
const now = () => new Date();

describe('the feeds of another time, and why', () => {
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  let matcher: Matcher;
  const times: Date[] = [];
  const wire = toWire(
    indexReport([
      { name: 'a', version: '1' },
      { name: 'b', version: '2' },
      { name: 'c', version: '3', module: 'm' },
      { name: 'odd', version: 'x' },
    ]),
  );

  before(async () => {
    db = await matcherDatabase();
    const feed = { records: [advisory('a', 'CVE-2099-1', { below: '2' }), advisory('b', 'CVE-2099-2')] };
    const ecosystems = [toyEcosystem([toyFeed('toy/feed', feed)])];
    matcher = createMatcher({
      db,
      ecosystems,
      enrichers: [],
      indexer: { indexReport: async () => undefined },
      now,
    });
    const update = async (): Promise<void> => {
      await sleep(5);
      times.push(now());
      await sleep(5);
      await updateFeeds({ db, ecosystems, enrichers: [], now, log: noLog, http: noHttp }, { signal });
      await sleep(5);
    };
    await update();
    feed.records = [
      advisory('a', 'CVE-2099-1', { below: '0.5' }),
      advisory('b', 'CVE-2099-2'),
      advisory('b', 'CVE-2099-3', { vulnerability: { ...text('TOY-3'), aliases: ['CVE-2099-3'] } }),
      advisory('c', 'CVE-2099-4', { module: 'other' }),
      // Another record alone knows a third name.
      advisory('elsewhere', 'ALIAS-3', { vulnerability: { ...text('ALIAS-3'), aliases: ['TOY-3'] } }),
      advisory('odd', 'CVE-2099-5', { below: '2' }),
    ];
    await update();
    times.push(now());
    await sleep(5);
  });
  after(() => db[Symbol.asyncDispose]());

  const found = async (at?: Date): Promise<string[]> => {
    const { body } = await matcher.matchReport(wire, at && { at });
    const { vulnerabilities, package_vulnerabilities: hits } = JSON.parse(
      body.toString(),
    ) as VulnerabilityReportWire;
    return Object.values(hits)
      .flat()
      .map((id) => vulnerabilities[id]!.name)
      .sort();
  };

  it('answers as of then', async () => {
    assert.deepEqual(await found(), ['CVE-2099-2', 'TOY-3']);
    assert.deepEqual(await found(times[2]), ['CVE-2099-2', 'TOY-3']);
    assert.deepEqual(await found(times[1]), ['CVE-2099-1', 'CVE-2099-2']);
  });
  it('says from when on it can', () =>
    assert.rejects(found(times[0]), (error: unknown) => {
      assert.ok(error instanceof AppError && error.code === 'not-found');
      assert.match(error.message, /toy\/feed begins with .*update_retention/);
      return true;
    }));

  const cases: [string, string[]][] = [
    ['CVE-2099-1', ['0 CVE-2099-1 unaffected undefined']],
    ['cve-2099-2', ['1 CVE-2099-2 affected undefined']],
    ['CVE-2099-3', ['1 TOY-3 affected undefined']],
    ['CVE-2099-4', ['2 CVE-2099-4 affected module']],
    ['CVE-2099-5', ['3 CVE-2099-5 unknown undefined']],
    ['TOY-3', ['1 TOY-3 affected undefined']],
    ['ALIAS-3', ['1 TOY-3 affected undefined']],
    ['CVE-2099-9', []],
  ];
  for (const [id, want] of cases) {
    it(`explains ${id}`, async () => {
      const { advisories, known } = await matcher.explain(wire, id);
      assert.deepEqual(
        advisories.map(
          ({ packages, id: name, verdict, otherwise }) => `${packages} ${name} ${verdict} ${otherwise}`,
        ),
        want,
      );
      assert.equal(known, want.length > 0);
      for (const { since, feed, scope } of advisories)
        assert.deepEqual([since instanceof Date, feed, scope], [true, 'toy/feed', 'toy:1']);
    });
  }

  it('reads no big table through', async () => {
    const key = {
      scope: 'toy:1',
      scopes: [1],
      name: 'a',
      kind: 'binary' as const,
      version: '1',
      key: Buffer.from('1'),
    };
    await db.query({ text: 'set enable_seqscan = off' });
    for (const { text: sql, values } of [
      matchAtStatement([key], [{ feed: 1, id: 1 }]),
      candidatesStatement([key], ['CVE-2099-1']),
    ]) {
      const lines = await db.query<{ 'QUERY PLAN': string }>({ text: `explain ${sql}`, values: values! });
      const plan = lines.map((line) => line['QUERY PLAN']).join('\n');
      assert.doesNotMatch(plan, /Seq Scan on (advisory|advisory_doc)\b/);
    }
  });
});
