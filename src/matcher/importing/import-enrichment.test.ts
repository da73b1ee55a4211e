import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { FetchedEnrichments } from '../../contract/enricher.ts';
import { cvss } from '../../enrichers/cvss/feed.ts';
import { type FakeUpstream, fakeUpstream } from '../../feeds/upstream.fixture.ts';
import type { Enrichment } from '../../model/advisory.ts';
import { matcherDatabase, toyEnricher } from '../matcher.fixture.ts';
import type { Imported } from '../store/replace-advisories.ts';
import { importEnrichment } from './import-enrichment.ts';

const RUNS = 10;
const { signal } = new AbortController();

const plain = toyEnricher('clair.plain', { records: [] });
const packed = {
  ...toyEnricher('clair.packed', { records: [] }),
  probabilities: ['epss', 'percentile'],
} as const;

describe('importing what an enricher knows', () => {
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  before(async () => {
    db = await matcherDatabase();
  });
  after(() => db[Symbol.asyncDispose]());
  beforeEach(async () => {
    await db.query({ text: 'truncate feed, feed_run, enrichment, enrichment_block, feed_scope' });
  });

  async function newFeed(): Promise<number> {
    const [row] = await db.query<{ id: number }>({
      text: `
        insert into feed (name, kind, feed_set) select 'f' || count(*), 'enrichment', 'f' from feed
        returning id`,
    });
    return row!.id;
  }

  async function put(
    enricher: Parameters<typeof importEnrichment>[1],
    id: number,
    fetched: FetchedEnrichments | readonly Enrichment[],
  ): Promise<Imported & { problems: string[]; fingerprint: string }> {
    const problems: string[] = [];
    const news = 'records' in fetched ? fetched : { fingerprint: '', records: streamed(fetched) };
    const imported = await importEnrichment(db, enricher, news, {
      id,
      signal,
      problem: ({ where }) => problems.push(where),
      finish: async () => {},
    });
    return { ...imported, problems, fingerprint: news.fingerprint };
  }

  const stored = async (id: number): Promise<Map<string, unknown>> => {
    const rows = await db.query<{ tag: string; data: string }>({
      text: 'select tag, data from enrichment_record where feed = $1 order by tag',
      values: [id],
    });
    return new Map(rows.map(({ tag, data }) => [tag, JSON.parse(data)]));
  };

  const score = (cve: string, epss: number, date = '1'): Enrichment => ({
    tag: cve,
    data: { date, cve, epss, percentile: 1 - epss },
  });

  for (const enricher of [plain, packed]) {
    it(`makes the second day's records those there are: ${enricher.name}`, async () => {
      const cve = fc
        .tuple(fc.constantFrom(1999, 2024), fc.constantFrom(0, 1, 99, 100, 199, 9999, 10_000, 1_234_567))
        .map(([year, number]) => `CVE-${year}-${String(number).padStart(4, '0')}`);
      const number = fc.oneof(
        fc.constantFrom(0, 1, 0.00001, 1e-9, 0.999999999, 0.1),
        fc.nat(1e9).map((n) => n / 1e9),
      );
      const day = (date: string) =>
        fc.array(
          fc
            .record({ cve, epss: number, percentile: number })
            .map((each): Enrichment => ({ tag: each.cve, data: { date, ...each } })),
          { maxLength: 12 },
        );
      await fc.assert(
        fc.asyncProperty(day('%1$s"\\'), fc.constantFrom('%1$s"\\', 'later').chain(day), async (one, two) => {
          const id = await newFeed();
          const [first, second] = [lastOf(one), lastOf(two)];
          assert.deepEqual(await put(enricher, id, one), result(first.size, first.size, 0));
          const changed = [...second].filter(
            ([tag, data]) => JSON.stringify(first.get(tag)) !== JSON.stringify(data),
          );
          const gone = [...first.keys()].filter((tag) => !second.has(tag));
          assert.deepEqual(await put(enricher, id, two), result(second.size, changed.length, gone.length));
          assert.deepEqual(await stored(id), second);
          assert.deepEqual(await put(enricher, id, two), result(second.size, 0, 0));
        }),
        { numRuns: RUNS },
      );
    });

    it(`touches no rows that stay: ${enricher.name}`, async () => {
      const id = await newFeed();
      const rows = () =>
        db.query({
          text: `
            select xmin::text, tag as key from enrichment union all select xmin::text, block from enrichment_block
            order by key`,
        });
      await put(enricher, id, [score('CVE-2020-0001', 0.1), score('CVE-2020-1001', 0.2)]);
      const [before] = await rows();
      await put(enricher, id, [score('CVE-2020-0001', 0.1), score('CVE-2020-1001', 0.3)]);
      assert.deepEqual((await rows())[0], before);
    });

    it(`keeps the others when a record is refused: ${enricher.name}`, async () => {
      const id = await newFeed();
      const { problems, rows } = await put(enricher, id, [
        score('CVE-2020-0001', 0.1),
        { tag: 'no tag', data: {} },
        score('CVE-2020-0002', 0.1),
      ]);
      assert.deepEqual([problems, rows], [['no tag'], 2]);
    });

    it(`leaves everything as it was when it fails: ${enricher.name}`, async () => {
      const id = await newFeed();
      await put(enricher, id, [score('CVE-2020-0001', 0.1)]);
      const before = await stored(id);
      const broken = (async function* () {
        yield score('CVE-2020-0001', 0.2);
        throw new Error('cut short');
      })();
      await assert.rejects(put(enricher, id, { fingerprint: '', records: broken }), /cut short/);
      assert.deepEqual(await stored(id), before);
    });
  }

  it('gives a CVE what all enrichers know of it', async () => {
    const [one, two] = [await newFeed(), await newFeed()];
    await put(plain, one, [{ tag: 'CVE-2020-0001', data: { b: 1, a: 2 } }]);
    await put(packed, two, [score('CVE-2020-0001', 0.25), score('CVE-2020-0100', 0.5)]);
    const known = (cve: string) =>
      db.query({ text: 'select feed, data from enrichments_of($1) order by feed', values: [cve] });
    assert.deepEqual(await known('CVE-2020-0001'), [
      { feed: one, data: '{"b":1,"a":2}' },
      { feed: two, data: '{"date":"1","cve":"CVE-2020-0001","epss":0.25,"percentile":0.75}' },
    ]);
    assert.equal((await known('CVE-2020-0100')).length, 1);
    assert.deepEqual(await known('CVE-2020-0002'), []);
    assert.deepEqual(await known('CVE-2020-10001'), []);
  });

  it('knows the same after a day of some years as after reading them all', async () => {
    const entry = fc.record({
      year: fc.constantFrom(1999, 2002, 2003, 2004),
      number: fc.constantFrom('0001', '0002'),
      version: fc.constantFrom('3.0', '3.1', undefined),
    });
    const file = fc.array(entry, { maxLength: 4 });
    const day = fc.record(
      { 2002: file, 2003: file, 2004: file },
      { requiredKeys: ['2002'], noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(day, day, async (one, two) => {
        const [daily, fresh] = [await newFeed(), await newFeed()];
        const first = await cvss.fetch('', CONFIG, upstreamOf(one).context);
        assert.ok(first !== 'unchanged');
        const { fingerprint } = await put(cvss, daily, first);
        const whole = await cvss.fetch('', CONFIG, upstreamOf(two).context);
        assert.ok(whole !== 'unchanged');
        const all = await put(cvss, fresh, whole);
        const news = await cvss.fetch(fingerprint, CONFIG, upstreamOf(two).context);
        if (news !== 'unchanged') {
          const update = await put(cvss, daily, news);
          assert.deepEqual([update.rows, update.fingerprint], [all.rows, all.fingerprint]);
        }
        assert.deepEqual(await stored(daily), await stored(fresh));
      }),
      { numRuns: RUNS },
    );
  });
});

const CONFIG = { feed_root: 'https://nvd.example/' };

type Entries = readonly { year: number; number: string; version: string | undefined }[];

/** Entries may stand in the file of another year. */
function upstreamOf(years: Readonly<Record<string, Entries>>): FakeUpstream {
  const table: Record<string, string | Buffer> = {};
  for (const [year, entries] of Object.entries(years)) {
    const text = JSON.stringify({
      vulnerabilities: entries.map(({ year, number, version }) => ({
        cve: {
          id: `CVE-${year}-${number}`,
          metrics: version && { cvssMetricV31: [{ type: 'Primary', cvssData: { version } }] },
        },
      })),
    });
    table[`${CONFIG.feed_root}nvdcve-2.0-${year}.meta`] = `sha256:${hash('sha256', text)}`;
    table[`${CONFIG.feed_root}nvdcve-2.0-${year}.json.gz`] = gzipSync(text);
  }
  return fakeUpstream(table, new Date('2004-06-01T00:00:00Z'));
}

const result = (rows: number, added: number, removed: number) => ({
  rows,
  added,
  removed,
  problems: [],
  fingerprint: '',
});

function lastOf(records: readonly Enrichment[]): Map<string, unknown> {
  const sorted = new Map(records.map(({ tag, data }) => [tag, data]));
  return new Map([...sorted].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function* streamed<T>(records: readonly T[]): AsyncGenerator<T> {
  yield* records;
}
