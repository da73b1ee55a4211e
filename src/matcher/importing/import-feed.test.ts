import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { connect } from '../../db/database.ts';
import { type Log, noLog } from '../../lib/log.ts';
import type { Advisory } from '../../model/advisory.ts';
import {
  advisory,
  matcherDatabase,
  noHttp,
  text,
  toyEcosystem,
  toyEnricher,
  toyFeed,
} from '../matcher.fixture.ts';
import { loadFeedStatus } from '../store/feed-status.ts';
import { type FeedResult, type UpdateOptions, updateFeeds } from '../updating/update-feeds.ts';

const now = () => new Date('2026-02-03T04:05:06Z');
const { signal } = new AbortController();

describe('updating feeds', () => {
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  before(async () => {
    db = await matcherDatabase();
  });
  after(() => db[Symbol.asyncDispose]());
  beforeEach(async () => {
    await db.query({
      text: 'truncate feed, feed_set, feed_run, scope, feed_scope, advisory, advisory_doc, enrichment restart identity',
    });
  });

  const update = (
    ecosystems: Parameters<typeof updateFeeds>[0]['ecosystems'],
    options: Partial<UpdateOptions> = {},
    enrichers: Parameters<typeof updateFeeds>[0]['enrichers'] = [],
    log: Log = noLog,
  ): Promise<FeedResult[]> =>
    updateFeeds({ db, ecosystems, enrichers, now, log, http: noHttp }, { signal, ...options });

  const rows = () =>
    db.query<{ name: string; vulnerability: string; since_run: number; until_run: number | null }>({
      text: `
        select a.name, d.name as vulnerability, since_run, until_run
        from advisory a join advisory_doc d on d.id = a.doc order by 1, 2, 3`,
    });
  const count = async (table: string) =>
    (await db.query<{ count: number }>({ text: `select count(*) from ${table}` }))[0]!.count;

  it('adds, keeps and closes rows, and touches nothing that stays', async () => {
    const state = {
      records: [advisory('a', 'CVE-2020-1111'), advisory('b', 'CVE-2020-2222')],
      fingerprint: '1',
    };
    const toy = toyEcosystem([toyFeed('toy/feed', state)]);
    const first = await update([toy]);
    assert.deepEqual(
      first.map(({ state, rows, added, removed }) => ({ state, rows, added, removed })),
      [{ state: 'updated', rows: 2, added: 2, removed: 0 }],
    );
    const [before] = await db.query<{ xmin: string }>({ text: `select xmin from advisory where name = 'a'` });

    assert.equal((await update([toy]))[0]?.state, 'unchanged', 'the fingerprint is the same');

    state.fingerprint = '2';
    assert.equal((await update([toy]))[0]?.state, 'unchanged', 'the rows are the same');
    assert.equal(await count('feed_run'), 1);
    assert.equal((await loadFeedStatus(db, now()))[0]?.fingerprint, '2');

    state.fingerprint = '3';
    state.records = [advisory('a', 'CVE-2020-1111'), advisory('c', 'CVE-2020-3333')];
    const third = await update([toy]);
    assert.deepEqual([third[0]?.added, third[0]?.removed, third[0]?.rows], [1, 1, 2]);
    const [, run] = await db.query<{ id: number }>({ text: 'select id from feed_run order by id' });
    assert.deepEqual(
      (await rows()).map(({ name, until_run }) => [name, until_run]),
      [
        ['a', null],
        ['b', run?.id],
        ['c', null],
      ],
    );
    const [after] = await db.query<{ xmin: string }>({ text: `select xmin from advisory where name = 'a'` });
    assert.deepEqual(after, before);

    state.fingerprint = '4';
    state.records = [];
    const config = { toy: { max_row_loss: 1 } };
    assert.equal((await update([toy], { config }))[0]?.removed, 2, 'upstream means it');
  });

  it('collapses duplicates, and shares texts between feeds that load at the same time', async () => {
    const records = Array.from({ length: 300 }, (_, i) => advisory(`p${i}`, `CVE-2021-${1000 + (i % 100)}`));
    const feeds = ['main', 'community', 'extra', 'more'].map((name) =>
      toyFeed(name, { records: name === 'main' ? [...records].reverse() : [...records, ...records] }),
    );
    const results = await update([toyEcosystem(feeds)]);
    assert.deepEqual(
      results.map(({ state, rows }) => [state, rows]),
      Array(4).fill(['updated', 300]),
    );
    assert.equal(await count('advisory_doc'), 100);
  });

  it('leaves nothing behind when a feed breaks in the middle, and tells why', async () => {
    const good = {
      records: [advisory('a', 'CVE-2020-1111')] as Iterable<Advisory> | AsyncIterable<Advisory>,
    };
    const toy = toyEcosystem([
      toyFeed('bad', good),
      toyFeed('good', { records: [advisory('z', 'CVE-2020-9')] }),
    ]);
    await update([toy]);
    good.records = (async function* () {
      for (let i = 0; i < 20_000; i++) yield advisory(`new-${i}`, `CVE-2022-${i}`);
      throw new Error('connection reset');
    })();
    const results = await update([toy]);
    assert.deepEqual(
      results.map(({ name, state, error }) => [name, state, error]),
      [
        ['bad', 'failed', 'connection reset'],
        ['good', 'unchanged', undefined],
      ],
    );
    assert.deepEqual(
      (await rows()).map(({ name }) => name),
      ['a', 'z'],
    );
    assert.equal(await count('advisory_doc'), 2);
    const [bad] = await loadFeedStatus(db, now());
    assert.deepEqual([bad?.state, bad?.lastError, bad?.rows], ['failed', 'connection reset', 1]);
    assert.ok(bad?.lastSuccess);
  });

  it('stops when asked, and leaves nothing behind', async () => {
    const stop = new AbortController();
    const records = (async function* () {
      for (let i = 0; ; i++) {
        if (i === 7000) stop.abort(new Error('stopping'));
        yield advisory(`p${i}`, `CVE-2022-${i}`);
      }
    })();
    await assert.rejects(
      update([toyEcosystem([toyFeed('endless', { records })])], { signal: stop.signal }),
      /stopping/,
    );
    assert.equal(await count('advisory'), 0);
    assert.deepEqual(
      (await loadFeedStatus(db, now())).map(({ state }) => state),
      ['never'],
    );
  });

  it('keeps the records that can be kept, and stores what was wrong with the others', async () => {
    const bad = advisory('', 'CVE-2020-0001', { vulnerability: text('CVE-2020-0001\0\ud800') });
    const odd = advisory('nul\0', 'CVE-2020-0002', {
      vulnerability: text('CVE-2020-0002', { description: 'a\0b\ud800' }),
    });
    const long = advisory('x'.repeat(5000), 'CVE-2020-0003');
    const [result] = await update([toyEcosystem([toyFeed('toy', { records: [bad, odd, long] })])]);
    assert.deepEqual([result?.state, result?.rows, result?.problems], ['updated', 1, 2]);
    const [status] = await loadFeedStatus(db, now());
    assert.deepEqual(
      status?.problems.map(({ source, where }) => [source, where]),
      [
        ['toy', 'CVE-2020-0001\uFFFD\uFFFD'],
        ['toy', 'CVE-2020-0003'],
      ],
    );
  });

  it('goes on with the other sets when the feeds of one cannot be listed', async () => {
    const broken = {
      ...toyEcosystem(),
      feeds: [{ set: 'broken', feeds: () => Promise.reject(new Error('no index')) }],
    };
    const results = await update([
      broken,
      toyEcosystem([toyFeed('toy', { records: [advisory('a', 'CVE-2020-1')] })]),
    ]);
    assert.deepEqual(
      results.map(({ name, kind, state }) => [name, kind, state]),
      [
        ['broken', 'set', 'failed'],
        ['toy', 'vulnerability', 'updated'],
      ],
    );
    const set = (await loadFeedStatus(db, now())).find(({ kind }) => kind === 'set');
    assert.deepEqual([set?.name, set?.state, set?.lastError], ['broken', 'failed', 'no index']);
  });

  it('loads only the wanted sets, each with its configuration', async () => {
    const seen: unknown[] = [];
    const configured = {
      ...toyFeed('one', { records: [] }),
      fetch: async (_: string, config: unknown) => {
        seen.push(config);
        return 'unchanged' as const;
      },
    };
    const a = {
      ...toyEcosystem(),
      feeds: [{ set: 'a', feeds: async (config: unknown) => [configured].slice(0, seen.push(config)) }],
    };
    const b = toyEcosystem([toyFeed('two', { records: [] })], 'b');
    const config = { a: { url: 'https://a.example' }, one: { url: 'https://one.example' } };
    const enrichers = [toyEnricher('clair.cvss', { records: [] })];
    assert.deepEqual(
      (await update([a, b], { sets: ['a'], config }, enrichers)).map(({ name }) => name),
      ['one'],
    );
    assert.deepEqual(seen, [config.a, config.one]);
    assert.deepEqual(await update([a, b], { sets: [] }, enrichers), []);
    assert.equal((await update([a, b], {}, enrichers)).length, 3);
  });

  it('is done once by several replicas', async () => {
    let fetches = 0;
    const slow = {
      ...toyFeed('slow', { records: [] }),
      fetch: async () => {
        fetches++;
        await new Promise((resolve) => setTimeout(resolve, 200));
        return {
          fingerprint: '1',
          records: (async function* () {
            yield advisory('a', 'CVE-2020-1111');
          })(),
        };
      },
    };
    const toy = toyEcosystem([slow]);
    await using other = await connect(db.dsn, { applicationName: 'replica' });
    const replica = { db: other, ecosystems: [toy], enrichers: [], now, log: noLog, http: noHttp };
    const results = (
      await Promise.all([update([toy]), update([toy]), updateFeeds(replica, { signal })])
    ).flat();
    assert.deepEqual(results.map(({ state }) => state).sort(), ['busy', 'busy', 'updated']);
    assert.equal(fetches, 1);
    assert.equal(await count('advisory'), 1);
  });

  it('has one outcome when the lock fails and two replicas load the same feed', async () => {
    await using other = await connect(db.dsn, { applicationName: 'replica' });
    const unlocked = { tryLock: async () => ({ signal, [Symbol.asyncDispose]: async () => {} }) };
    const toy = toyEcosystem([
      toyFeed('toy', {
        records: Array.from({ length: 500 }, (_, i) => advisory(`p${i}`, `CVE-2021-${1000 + i}`)),
      }),
    ]);
    const parts = { ecosystems: [toy], enrichers: [], now, log: noLog, http: noHttp };
    const results = await Promise.all(
      [db, other].map((each) => updateFeeds({ ...parts, db: { ...each, ...unlocked } }, { signal })),
    );
    assert.deepEqual(
      results
        .flat()
        .map(({ state }) => state)
        .sort(),
      ['unchanged', 'updated'],
    );
    assert.equal(await count('advisory'), 500);
  });

  it('forgets closed rows and their texts beyond the kept runs', async () => {
    const state = { records: [] as Advisory[], fingerprint: '' };
    const toy = toyEcosystem([toyFeed('toy', state)]);
    for (let i = 0; i < 5; i++) {
      state.fingerprint = String(i);
      state.records = [advisory('stays', 'CVE-2020-1111'), advisory('p', `CVE-2021-100${i}`)];
      await update([toy], { retention: 2 });
    }
    assert.equal(await count('feed_run'), 2);
    assert.deepEqual(
      (await rows()).map(({ vulnerability, until_run }) => [vulnerability, until_run === null]),
      [
        ['CVE-2021-1003', false],
        ['CVE-2021-1004', true],
        ['CVE-2020-1111', true],
      ],
    );
    assert.equal(await count('advisory_doc'), 3);
  });

  it('replaces enrichments, of which the last one of a tag counts', async () => {
    const state = {
      records: [
        { tag: 'CVE-2020-1111', data: { score: 1 } },
        { tag: 'CVE-2020-1111', data: { score: 2 } },
        { tag: 'CVE-2020-2222', data: { note: 'nul \0' } },
        { tag: 'no tag', data: 1 },
      ] as { tag: string; data: unknown }[],
      fingerprint: '1',
    };
    const enricher = toyEnricher('clair.cvss', state);
    const [first] = await update([], {}, [enricher]);
    assert.deepEqual([first?.state, first?.rows, first?.problems], ['updated', 2, 1]);
    state.fingerprint = '2';
    assert.equal((await update([], {}, [enricher]))[0]?.state, 'unchanged');
    state.fingerprint = '3';
    state.records = [{ tag: 'CVE-2020-1111', data: { score: 3 } }];
    const [third] = await update([], {}, [enricher]);
    assert.deepEqual([third?.added, third?.removed, third?.rows], [1, 1, 1]);
  });

  it('loads a feed anew when its versions are read in another way', async () => {
    const feed = toyFeed('toy', {
      records: [advisory('a', 'CVE-2020-1111', { below: '2' })],
      fingerprint: '1',
    });
    await update([toyEcosystem([feed])]);
    const key = () => Buffer.from('other');
    const other = { ...feed, versions: { ...feed.versions, id: 'dotted-2', key } };
    assert.equal((await update([toyEcosystem([other])]))[0]?.state, 'updated');
  });
});
