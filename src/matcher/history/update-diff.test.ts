import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Statement } from '../../db/database.ts';
import { createServer } from '../../http/server.ts';
import { noLog } from '../../lib/log.ts';
import type { Advisory, Enrichment, Scope } from '../../model/advisory.ts';
import { toWire } from '../../model/index-report-wire.ts';
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
import { createMatcher, type Matcher } from '../matcher.ts';
import type { VulnerabilityReportWire, VulnerabilityWire } from '../report/report-wire.ts';
import { updateDiffRoutes } from '../routes/update-diff.ts';
import { updateOperationRoutes } from '../routes/update-operation.ts';
import { changeRowsStatement, changesStatement, snapshotStatement } from '../store/update-diff.ts';
import type { UpdateOperationWire } from './operation-json.ts';
import { writeDiff } from './update-diff.ts';

const now = () => new Date('2026-02-03T04:05:06Z');
const { signal } = new AbortController();
/** Feeds here lose most of their rows, and mean it. */
const config = { toy: { max_row_loss: 1 } };
const OPERATIONS = '/matcher/api/v1/internal/update_operation';
const DIFF = '/matcher/api/v1/internal/update_diff';
const NIL = '00000000-0000-0000-0000-000000000000';

const OTHER: Scope = { key: 'toy:9', repository: { key: 'toy', name: 'other', cpe: 'cpe:2.3:a:toy' } };

interface DiffWire {
  prev: UpdateOperationWire;
  cur: UpdateOperationWire;
  added: VulnerabilityWire[] | null;
  removed: VulnerabilityWire[] | null;
}

const [A, B, C, D] = [1, 2, 3, 4].map((n) => advisory(`p${n}`, `CVE-2020-100${n}`, { below: `${n}` })) as [
  Advisory,
  Advisory,
  Advisory,
  Advisory,
];

describe('update operations', () => {
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  let matcher: Matcher;
  const feed = { records: [] as Advisory[], fingerprint: '0' };
  const other = { records: [] as Advisory[], fingerprint: 'same' };
  const facts = { records: [] as Enrichment[], fingerprint: 'facts' };

  before(async () => {
    db = await matcherDatabase();
    const toy = toyEcosystem([toyFeed('toy/feed', feed), toyFeed('toy/other', other, [OTHER])]);
    matcher = createMatcher({
      db,
      ecosystems: [
        {
          ...toy,
          rangeOf: ({ from = '0', below }) =>
            below === undefined ? undefined : { lower: `toy:${from}`, upper: `toy:${below}` },
        },
      ],
      enrichers: [toyEnricher('clair.toy', facts)],
      indexer: { indexReport: async () => undefined },
      now,
      http: noHttp,
    });
  });
  after(() => db[Symbol.asyncDispose]());
  beforeEach(async () => {
    await db.query({
      text: 'truncate feed, feed_set, feed_run, scope, feed_scope, advisory, advisory_doc, enrichment restart identity',
    });
  });

  let loads = 0;
  /** Loads these; gives the ref of the newest operation of the feed. */
  async function load(...records: Advisory[]): Promise<string> {
    Object.assign(feed, { records, fingerprint: String(++loads) });
    await matcher.updateFeeds({ signal, config });
    return (await refs())[0]!;
  }
  async function refs(): Promise<string[]> {
    const { byUpdater } = await matcher.updateOperations('vulnerability', false);
    return (byUpdater['toy/feed'] ?? []).map(({ ref }) => ref);
  }
  function app() {
    const server = createServer({ log: noLog });
    updateOperationRoutes(server, matcher);
    updateDiffRoutes(server, matcher);
    return server;
  }
  async function diff(cur: string, prev?: string): Promise<DiffWire> {
    const response = await app().inject({ url: `${DIFF}?cur=${cur}${prev ? `&prev=${prev}` : ''}` });
    assert.equal(response.statusCode, 200, response.body);
    assert.equal(response.headers['content-type'], 'application/json');
    return response.json<DiffWire>();
  }
  const names = (list: VulnerabilityWire[] | null) =>
    list === null
      ? null
      : list
          .map(({ name }) => name.at(-1))
          .sort()
          .join('');
  async function changes(cur: string, prev?: string) {
    const { added, removed } = await diff(cur, prev);
    return [names(added), names(removed)];
  }

  it('lists them by feed, the newest first', async () => {
    const one = await load(A);
    const two = await load(A, B);
    const all = await app().inject({ url: OPERATIONS });
    assert.equal(all.headers.etag, `"${two}"`);
    assert.equal(all.headers['content-type'], 'application/json');
    const listed = all.json<Record<string, UpdateOperationWire[]>>();
    assert.deepEqual(Object.keys(listed), ['toy/feed', 'toy/other']);
    const [newest, older] = listed['toy/feed']!;
    assert.deepEqual([newest?.ref, older?.ref], [two, one]);
    assert.match(newest!.date, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.deepEqual(newest, {
      ref: two,
      updater: 'toy/feed',
      fingerprint: feed.fingerprint,
      date: newest?.date,
      kind: '',
    });
    for (const [latest, want] of [
      ['true', 1],
      ['1', 1],
      ['bogus', 2],
      ['false', 2],
      ['', 2],
    ] as const) {
      const response = await app().inject({ url: `${OPERATIONS}?latest=${latest}&kind=vulnerability` });
      assert.equal(response.json<typeof listed>()['toy/feed']?.length, want, latest);
    }
  });

  it('tells kinds apart', async () => {
    await load(A);
    const response = await app().inject({ url: `${OPERATIONS}?kind=enrichment` });
    assert.deepEqual(Object.keys(response.json()), ['clair.toy']);
    const bogus = await app().inject({ url: `${OPERATIONS}?kind=bogus` });
    assert.deepEqual(
      [bogus.statusCode, bogus.json()],
      [400, { code: 'bad-request', message: 'unknown kind: "bogus"' }],
    );
  });

  it('answers 304 while there is no newer one, and no ETag while there is none', async () => {
    const empty = await app().inject({ url: OPERATIONS, headers: { 'if-none-match': '"x"' } });
    assert.deepEqual([empty.statusCode, empty.json(), empty.headers.etag], [200, {}, undefined]);
    await load(A);
    const { newest } = await matcher.updateOperations('vulnerability', true);
    const headers = { 'if-none-match': `"${newest}"` };
    const same = await app().inject({ url: OPERATIONS, headers });
    assert.deepEqual([same.statusCode, same.body], [304, '']);
    await load(B);
    assert.equal((await app().inject({ url: OPERATIONS, headers })).statusCode, 200);
  });

  it('says what came and what went', async () => {
    const one = await load(A, B);
    const two = await load(B, C);
    const three = await load(A, C, D);
    assert.deepEqual(await changes(two, one), ['3', '1']);
    assert.deepEqual(await changes(three, two), ['14', '2']);
    assert.deepEqual(await changes(three, one), ['34', '2'], 'what came back has not changed');
    assert.deepEqual(await changes(one, three), ['2', '34'], 'backwards');
    assert.deepEqual(await changes(two, two), [null, null]);
    assert.deepEqual(await changes(two), ['23', null], 'from nothing');
    assert.deepEqual(await changes(three, NIL), ['134', null], 'the nil UUID is nothing, too');
    const { prev, cur } = await diff(two);
    assert.deepEqual(prev, {
      ref: NIL,
      updater: '',
      fingerprint: '',
      date: '0001-01-01T00:00:00Z',
      kind: '',
    });
    assert.equal(cur.ref, two);
  });

  it('takes two feeds for what they are', async () => {
    Object.assign(other, { records: [{ ...D, scope: OTHER.key }], fingerprint: 'with D' });
    const one = await load(A);
    const { byUpdater } = await matcher.updateOperations('vulnerability', true);
    const ref = byUpdater['toy/other']![0]!.ref;
    assert.deepEqual(await changes(ref, one), ['4', '1']);
    const [shown] = (await diff(ref)).added!;
    assert.deepEqual(shown?.repository, { key: 'toy', name: 'other', cpe: '' }, 'the CPE is in reports only');
    assert.equal(shown?.distribution.did, '', 'blank, but there');
    Object.assign(other, { records: [], fingerprint: 'same' });
  });

  it('writes vulnerabilities with their range and a lasting id', async () => {
    const one = await load(B);
    const two = await load(
      B,
      advisory('p', 'CVE-2020-1', { from: '1.0', below: '2.0', arches: ['x'], module: 'm:1' }),
      advisory('q', 'CVE-2020-2', { upTo: '3', shownName: 'Q' }),
      advisory('r', 'CVE-2020-3', { below: '4' }),
      advisory('r', 'CVE-2020-5', { below: '4', assertsUnaffected: true }),
      advisory('s', 'CVE-2020-4', { vulnerability: text('CVE-2020-4', { normalizedSeverity: 'Low' }) }),
    );
    const { added } = await diff(two, one);
    const byName = new Map(added!.map((each) => [each.name, each]));
    const p = byName.get('CVE-2020-1')!;
    assert.deepEqual(p, {
      id: p.id,
      updater: 'toy/feed',
      name: 'CVE-2020-1',
      description: 'about CVE-2020-1',
      issued: '0001-01-01T00:00:00Z',
      links: 'https://example.com/CVE-2020-1',
      severity: 'high',
      normalized_severity: 'High',
      package: {
        id: '',
        name: 'p',
        version: '',
        kind: 'binary',
        normalized_version: '',
        module: 'm:1',
        arch: 'x',
        cpe: '',
        detector: null,
      },
      distribution: p.distribution,
      repository: { cpe: '' },
      fixed_in_version: '2.0',
      range: { '[': 'toy:1.0', ')': 'toy:2.0' },
      Bounds: { from: '1.0', below: '2.0' },
      arch_op: 'equals',
      Self: { Name: '' },
      Aliases: null,
    });
    assert.equal(p.distribution.pretty_name, 'Toy 1');
    const { name, range, Bounds } = { ...byName.get('CVE-2020-2')!, name: 'q' };
    assert.deepEqual([name, range, Bounds], ['q', undefined, { upTo: '3' }]);
    assert.equal(byName.get('CVE-2020-2')?.package.name, 'Q');
    assert.equal(byName.has('CVE-2020-5'), false, 'what is not affected is nothing to notify of');
    assert.equal(byName.get('CVE-2020-3')?.Bounds, undefined, 'the fix says it all');
    assert.equal(byName.get('CVE-2020-4')?.Bounds, undefined, 'no version is excepted');
    const again = (await diff(two)).added!.find(({ name }) => name === 'CVE-2020-1');
    assert.equal(again?.id, p.id);
  });

  it('leaves out what reports leave out', async () => {
    const one = await load(advisory('a', 'CVE-2020-1'));
    const strict = createMatcher({
      db,
      ecosystems: [],
      enrichers: [],
      indexer: { indexReport: async () => undefined },
      now,
      http: noHttp,
      fixedOnly: ['toy:'],
    });
    let json = '';
    for await (const piece of writeDiff(await strict.updateDiff(one))) json += piece;
    assert.equal(JSON.parse(json).added, null);
  });

  it('refuses what it does not know', async () => {
    const one = await load(A);
    const facts = (await matcher.updateOperations('enrichment', true)).newest;
    const unknown = '11111111-2222-3333-4444-555555555555';
    for (const [url, status, message] of [
      [`${DIFF}?cur=nope`, 400, 'could not parse "cur" query param into uuid'],
      [DIFF, 400, 'could not parse "cur" query param into uuid'],
      [`${DIFF}?cur=${one}&prev=nope`, 400, 'could not parse "prev" query param into uuid'],
      [`${DIFF}?cur=${one}&cur=${one}`, 400, 'could not parse "cur" query param into uuid'],
      [`${DIFF}?cur=${unknown}`, 404, `cur: no update operation ${unknown}`],
      [`${DIFF}?cur=${one}&prev=${unknown}`, 404, `prev: no update operation ${unknown}`],
      [
        `${DIFF}?cur=${facts}`,
        400,
        `cur: update operation ${facts} is of clair.toy, which has no vulnerabilities`,
      ],
    ] as const) {
      const response = await app().inject({ url });
      assert.deepEqual([response.statusCode, response.json().message], [status, message], url);
    }
    const others = [
      { method: 'POST', url: DIFF },
      { method: 'POST', url: OPERATIONS },
      { method: 'GET', url: `${OPERATIONS}/${one}` },
      { method: 'GET', url: `${OPERATIONS}/` },
    ] as const;
    for (const request of others) assert.equal((await app().inject(request)).statusCode, 405, request.url);
    const bad = await app().inject({ method: 'DELETE', url: `${OPERATIONS}/nope` });
    assert.equal(bad.statusCode, 400);
  });

  it('deletes operations without losing what they brought', async () => {
    const one = await load(A, B);
    const two = await load(B, C);
    const remove = (ref: string) => app().inject({ method: 'DELETE', url: `${OPERATIONS}/${ref}` });
    const affected = async () => {
      const packages = ['p1', 'p2', 'p3', 'p4'].map((name) => ({ name, version: '0' }));
      const { body } = await matcher.matchReport(toWire(indexReport(packages)));
      const report = JSON.parse(body.toString()) as VulnerabilityReportWire;
      return Object.values(report.vulnerabilities).map(({ package: { name } }) => name);
    };
    for (const ref of [NIL, `urn:uuid:${two}`, two]) {
      const response = await remove(ref);
      assert.deepEqual([response.statusCode, response.body], [200, '']);
    }
    assert.deepEqual(await affected(), ['p2', 'p3'], 'reports are the same');
    assert.deepEqual(await refs(), [one]);
    // Upstream has nothing new: the feed is asked all the same, and the change is told once more.
    const loads = feed.fingerprint;
    await matcher.updateFeeds({ signal, config });
    assert.equal(feed.fingerprint, loads);
    const [again] = await refs();
    assert.notEqual(again, one);
    assert.deepEqual(await changes(again!, one), ['3', '1']);
    await matcher.updateFeeds({ signal, config });
    assert.equal((await refs()).length, 2, 'once');
    // One in between: its changes count to the next.
    const four = await load(D);
    await remove(again!);
    assert.deepEqual(await changes(four, one), ['4', '12']);
    await remove(one);
    await remove(four);
    assert.deepEqual(await refs(), []);
    assert.deepEqual(await affected(), ['p4']);
    const five = await load(D);
    assert.deepEqual(await changes(five), ['4', null]);
  });

  it('keeps its word after retention', async () => {
    const history = [await load(A), await load(B), await load(C)];
    await matcher.updateFeeds({ signal, config, retention: 2 });
    assert.deepEqual(await refs(), history.slice(1).reverse());
    assert.deepEqual(await changes(history[2]!, history[1]), ['3', '2']);
  });

  it('streams a big diff in pieces', async () => {
    const count = 3000;
    const ref = await load(
      ...Array.from({ length: count }, (_, n) => advisory(`p${n}`, `CVE-2020-${1000 + n}`, { below: '1' })),
    );
    const { added } = await diff(ref);
    assert.equal(new Set(added?.map(({ id }) => id)).size, count);
    const { added: changed } = await matcher.updateDiff(ref);
    assert.equal(changed.count, count);
    for await (const json of changed.vulnerabilities()) {
      assert.equal(JSON.parse(json).id, added![0]!.id, 'the first page is enough');
      break;
    }
  });

  it('never reads the table through', async () => {
    await load(...Array.from({ length: 5000 }, (_, n) => advisory(`p${n}`, `CVE-2020-${1000 + n}`)));
    await load(
      ...Array.from({ length: 5000 }, (_, n) => advisory(`p${n + 20}`, `CVE-2020-${1000 + n + 20}`)),
    );
    await db.query({ text: 'analyze' });
    const [row] = await db.query<{ feed: number; older: number; newer: number }>({
      text: `select feed, min(id) as older, max(id) as newer from feed_run
        where feed = (select id from feed where name = 'toy/feed') group by feed`,
    });
    const { feed, older, newer } = row!;
    const plan = async ({ text, values }: Statement) =>
      (await db.query<{ 'QUERY PLAN': string }>({ text: `explain ${text}`, ...(values && { values }) }))
        .map((line) => line['QUERY PLAN'])
        .join('\n');
    const ofChanges = await plan(changesStatement(feed, older, newer));
    assert.match(ofChanges, /advisory_since/);
    assert.match(ofChanges, /advisory_until/);
    assert.doesNotMatch(ofChanges, /Seq Scan on advisory|Nested Loop/);
    assert.doesNotMatch(await plan(changeRowsStatement([1n, 2n, 3n])), /Seq Scan on advisory/);
    // All of one small feed among others.
    assert.match(await plan(snapshotStatement({ feed: feed + 1, id: newer })), /advisory_since/);
  });
});
