import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Feed } from '../../contract/feed.ts';
import { connect, type Transaction } from '../../db/database.ts';
import { createHttpClient, type HttpClientOptions } from '../../lib/http-client.ts';
import { noLog } from '../../lib/log.ts';
import { matcherDatabase, toyDistribution, toyEcosystem } from '../matcher.fixture.ts';
import { type FeedStatus, loadFeedStatus } from '../store/feed-status.ts';
import {
  type FeedServer,
  feedBody,
  jsonFeed,
  type RequestHandler,
  startFeedServer,
} from './feed-server.fixture.ts';
import { type FeedResult, type UpdateOptions, updateFeeds } from './update-feeds.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PERIOD = 6 * HOUR;
const START = Date.parse('2026-02-03T04:05:06Z');
const { signal } = new AbortController();
const REPLICA = fileURLToPath(new URL('./update-replica.fixture.ts', import.meta.url));

/** Somebody waits for a lock. */
const WAITING = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;

describe('feeds whose upstream misbehaves', () => {
  const open = new AsyncDisposableStack();
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  let upstream: FeedServer;
  let clock = START;
  const now = () => new Date(clock);

  before(async () => {
    db = open.use(await matcherDatabase());
    upstream = open.use(await startFeedServer());
  });
  after(() => open.disposeAsync());
  beforeEach(async () => {
    clock = START;
    upstream.answers.clear();
    upstream.asked.length = 0;
    await db.query({
      text: 'truncate feed, feed_set, feed_run, scope, feed_scope, advisory, advisory_doc, enrichment restart identity',
    });
  });

  /** As a replica with a client of its own would. */
  async function update(
    feeds: readonly Feed[] | (() => Promise<readonly Feed[]>),
    options: Partial<UpdateOptions> = {},
    database = db as Parameters<typeof updateFeeds>[0]['db'],
    limits: HttpClientOptions = { timeout: 150, leastRate: { bytes: 1000, ms: 200 } },
  ): Promise<FeedResult[]> {
    await using http = createHttpClient({ backoff: 1, ...limits });
    const list = typeof feeds === 'function' ? feeds : async () => feeds;
    const ecosystems = [{ ...toyEcosystem(), feeds: [{ set: 'toy', feeds: list }] }];
    const parts = { db: database, ecosystems, enrichers: [], now, log: noLog, http };
    return await updateFeeds(parts, { signal, period: PERIOD, ...options });
  }

  const feed = (name = 'toy', path = `/${name}`): Feed => jsonFeed(name, upstream.base + path);
  const status = async (name = 'toy'): Promise<FeedStatus> =>
    (await loadFeedStatus(db, now())).find((each) => each.name === name)!;
  const current = async (): Promise<number> =>
    (
      await db.query<{ n: number }>({ text: 'select count(*) as n from advisory where until_run is null' })
    )[0]!.n;

  const half = feedBody(1000).slice(0, 20_000);
  const faults: [what: string, answer: RequestHandler, reason: RegExp, retryAfter?: number][] = [
    ['answers with 500', (_, response) => response.writeHead(500).end(), /\/toy returned status 500/],
    ['answers with 403', (_, response) => response.writeHead(403).end(), /status 403/],
    ['answers with 404', (_, response) => response.writeHead(404).end(), /status 404/],
    ['answers with 429', (_, response) => response.writeHead(429).end(), /status 429/],
    [
      'wants to be left alone',
      (_, response) => response.writeHead(429, { 'retry-after': '7200' }).end(),
      /status 429/,
      7_200_000,
    ],
    ['never answers', () => {}, /GET http:.*\/toy: /],
    ['hangs up', (request) => request.socket.destroy(), /GET http:.*\/toy: /],
    [
      'stops in the middle',
      (_, response) => void response.writeHead(200, { 'content-length': '40000' }).write(half),
      /./,
    ],
    [
      'trickles',
      (_, response) => {
        response.writeHead(200, { 'content-length': '40000' });
        const timer = setInterval(() => response.write('['), 10);
        response.on('close', () => clearInterval(timer));
      },
      /only \d+ bytes received .*too slow/,
    ],
    ['serves half a file', (_, response) => void response.end(half), /./],
    ['serves an empty file', (_, response) => void response.end(), /./],
    ['serves a page', (_, response) => void response.end('<html>maintenance</html>'), /./],
    ['serves other JSON', (_, response) => void response.end('{"message":"moved"}'), /./],
    [
      'serves a list without entries',
      (_, response) => void response.end(feedBody(0)),
      /is empty, and had 300 advisories/,
    ],
    [
      'serves a third',
      (_, response) => void response.end(feedBody(100)),
      /lost 200 of 300 advisories.*max_row_loss/,
    ],
  ];
  for (const [what, answer, reason, retryAfter = 0] of faults) {
    it(`keeps the last good data when it ${what}, and goes on with the others`, async () => {
      upstream.serve('/toy', feedBody(300));
      upstream.serve('/good', feedBody(10, 'good'));
      assert.deepEqual(
        (await update([feed(), feed('good')])).map(({ state }) => state),
        ['updated', 'updated'],
      );
      const before = await status();
      clock += PERIOD * 1.2;
      upstream.answers.set('/toy', answer);
      // Asked first: a host that wants to be left alone is asked by nobody.
      upstream.serve('/good', feedBody(11, 'good'));
      const [good, failed] = await update([feed('good'), feed()], { onlyDue: true, concurrency: 1 });
      assert.deepEqual([good?.state, failed?.state], ['updated', 'failed']);
      assert.match(failed?.error ?? '', reason);
      assert.equal(await current(), 311);
      const after = await status();
      assert.equal(after.state, 'failed');
      assert.match(after.lastError ?? '', reason);
      assert.deepEqual(
        [after.rows, after.lastSuccess, after.fingerprint, after.failures, after.lastAttempt],
        [300, before.lastSuccess, before.fingerprint, 1, now()],
      );
      const wait = after.nextTry!.getTime() - clock;
      if (retryAfter > 0) assert.equal(wait, retryAfter);
      else assert.ok(wait >= 4.5 * MINUTE && wait <= 5.5 * MINUTE, String(wait));
    });
  }

  it('holds no transaction while it waits for the network', async () => {
    const answers: (() => void)[] = [];
    const body = feedBody(300);
    const middle = body.length / 2;
    upstream.answers.set('/toy', (_, response) => {
      response.writeHead(200, { 'content-length': body.length }).write(body.slice(0, middle));
      answers.push(() => response.end(body.slice(middle)));
    });
    const updating = update([feed()], {}, db, {});
    while (answers.length === 0) await sleep(5);
    // Answered before anything is asserted: an update left waiting keeps its feed from all tests after this one.
    // The server's own vacuum and its analysis have transactions too.
    const open = await db.query({
      text: `
        select query from pg_stat_activity
        where datname = current_database() and backend_type = 'client backend'
          and xact_start is not null and pid <> pg_backend_pid()`,
    });
    answers[0]!();
    const results = await updating;
    assert.deepEqual(open, []);
    assert.deepEqual(
      results.map(({ state }) => state),
      ['updated'],
    );
  });

  it('refuses a feed that leaves something of the network for its transaction', async () => {
    upstream.serve('/toy', feedBody(300));
    const late = feed();
    const [result] = await update(
      [
        {
          ...late,
          async fetch(_, __, context) {
            const { body } = await context.request(`${upstream.base}/toy`);
            const records = async function* (): AsyncGenerator<never> {
              for await (const __ of body) yield* [];
            };
            return { fingerprint: '', records: records() };
          },
        },
      ],
      {},
      db,
      {},
    );
    assert.match(result?.error ?? '', /toy has not kept what it fetched/);
  });

  it('takes what lost most of its rows when the configuration says so', async () => {
    upstream.serve('/toy', feedBody(300));
    await update([feed()]);
    upstream.serve('/toy', feedBody(1));
    for (const config of [{}, { toy: { max_row_loss: 0.9 } }, { toy: { max_row_loss: 7 } }]) {
      assert.equal((await update([feed()], { config }))[0]?.state, 'failed');
    }
    assert.match((await status()).lastError ?? '', /updaters\.config\.toy\.max_row_loss/);
    const [done] = await update([feed()], { config: { toy: { max_row_loss: 1 } } });
    assert.deepEqual([done?.state, done?.removed], ['updated', 299]);
  });

  it('asks again after 5 minutes, doubling to the period, and all is well with the first success', async () => {
    upstream.serve('/toy', feedBody(3));
    await update([feed()], { onlyDue: true });
    clock += 1.1 * PERIOD;
    upstream.answers.delete('/toy');
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const [result] = await update([feed()], { onlyDue: true });
      assert.equal(result?.state, 'failed');
      const early = await update([feed()], { onlyDue: true });
      assert.equal(early[0]?.state, 'current', 'not before its time');
      waits.push(result!.nextTry!.getTime() - clock);
      clock = result!.nextTry!.getTime();
    }
    const doubled = [5, 10, 20, 40, 80, 160, 320, 360, 360].map((minutes) => minutes * MINUTE);
    for (const [i, wait] of waits.entries()) assert.ok(Math.abs(wait / doubled[i]! - 1) <= 0.1, String(wait));
    assert.equal((await status()).failures, 9);
    upstream.serve('/toy', feedBody(3));
    assert.equal((await update([feed()], { onlyDue: true }))[0]?.state, 'unchanged');
    const { failures, state, lastError } = await status();
    assert.deepEqual([failures, state, lastError], [0, 'ok', undefined]);
  });

  it('neither lists nor fetches again what a replica has just updated', async () => {
    let lists = 0;
    const list = async () => {
      lists++;
      return [feed()];
    };
    upstream.serve('/toy', feedBody(3));
    await using other = await connect(db.dsn, { applicationName: 'replica' });
    const first = await update(list, { onlyDue: true });
    clock += PERIOD / 2;
    const second = await update(list, { onlyDue: true }, other);
    assert.deepEqual([first[0]?.state, second[0]?.state], ['updated', 'current']);
    assert.deepEqual([lists, upstream.asked.length], [1, 1]);
    clock += PERIOD * 0.65;
    const both = await Promise.all([update(list, { onlyDue: true }), update(list, { onlyDue: true }, other)]);
    const states = both.flat().map(({ state }) => state);
    // The other one comes while the first is at it, or when it has just ended.
    assert.match(states.sort().join(' '), /^(busy|current) unchanged$/);
    assert.deepEqual([lists, upstream.asked.length], [2, 2]);
  });

  it('says which feeds upstream has no more, keeps their data, and takes up their new names', async () => {
    const old = jsonFeed('toy-old', `${upstream.base}/toy`);
    const renamed = jsonFeed('toy-new', `${upstream.base}/toy`, [
      { key: 'toy:new', distribution: toyDistribution('new') },
    ]);
    upstream.serve('/toy', feedBody(3));
    await update([old]);
    clock += 2 * PERIOD;
    await update([renamed], { onlyDue: true });
    assert.equal(await current(), 6);
    const [gone, fresh] = [await status('toy-old'), await status('toy-new')];
    assert.deepEqual([gone.state, gone.vanishedAt, gone.nextTry, gone.rows], ['stale', now(), undefined, 3]);
    assert.deepEqual([fresh.state, fresh.vanishedAt], ['ok', undefined]);
    await update([renamed, old]);
    assert.deepEqual(
      [(await status('toy-old')).state, (await status('toy-old')).vanishedAt],
      ['ok', undefined],
    );
  });

  it('asks a set again soon whose list cannot be had, and keeps its feeds', async () => {
    upstream.serve('/toy', feedBody(3));
    await update([feed()]);
    clock += 2 * PERIOD;
    const [failed] = await update(() => Promise.reject(new Error('no list')), { onlyDue: true });
    assert.deepEqual([failed?.kind, failed?.state], ['set', 'failed']);
    assert.ok(failed!.nextTry!.getTime() - clock < 6 * MINUTE);
    assert.equal((await status()).vanishedAt, undefined);
  });

  it('asks all when the clock was set back', async () => {
    upstream.serve('/toy', feedBody(3));
    await update([feed()], { onlyDue: true });
    clock -= 30 * 24 * HOUR;
    assert.equal((await update([feed()], { onlyDue: true }))[0]?.state, 'unchanged');
    assert.equal((await update([feed()], { onlyDue: true }))[0]?.state, 'current');
    assert.equal((await status()).state, 'ok');
  });

  it('asks another upstream from the start when the configuration has changed', async () => {
    upstream.serve('/toy', feedBody(3));
    await update([feed()], { config: { toy: { url: 'a' } } });
    assert.equal(
      (await update([feed()], { onlyDue: true, config: { toy: { url: 'a' } } }))[0]?.state,
      'current',
    );
    const changed = await update([feed()], { onlyDue: true, config: { toy: { url: 'b', max_row_loss: 1 } } });
    assert.equal(changed[0]?.state, 'unchanged', 'the rows are the same');
    const again = await update([feed()], { onlyDue: true, config: { toy: { url: 'b' } } });
    assert.equal(again[0]?.state, 'current', 'the limit of losses concerns nobody else');
    assert.deepEqual(upstream.asked.length, 2);
  });

  it('does not wait where what failed was configured wrongly', async () => {
    upstream.serve('/toy', feedBody(3));
    const wrong = { onlyDue: true, config: { toy: { url: 'wrong' } } };
    assert.equal((await update([feed('toy', '/wrong')], wrong))[0]?.state, 'failed');
    assert.equal((await update([feed('toy', '/wrong')], wrong))[0]?.state, 'current', 'it has to wait');
    assert.equal((await update([feed()], { onlyDue: true, config: {} }))[0]?.state, 'updated');
  });

  it('updates only what is selected', async () => {
    upstream.serve('/a', feedBody(1, 'a'));
    upstream.serve('/b', feedBody(1, 'b'));
    const feeds = [feed('a'), feed('b')];
    await update(feeds);
    const names = async (only: UpdateOptions['only']) =>
      (await update(feeds, { only })).map(({ name }) => name);
    assert.deepEqual(await names({ feeds: ['b'] }), ['b']);
    assert.deepEqual(await names({ sets: ['toy'] }), ['a', 'b']);
    assert.deepEqual(await names({ sets: ['other'], feeds: ['unknown'] }), []);
  });

  /** Runs `task` while an import waits in the middle of its transaction. */
  async function whileImporting(
    start: () => unknown,
    task: (tx: Transaction) => Promise<void>,
  ): Promise<void> {
    await db.transaction(async (tx) => {
      await tx.query({ text: 'lock table advisory in exclusive mode' });
      start();
      while ((await db.query({ text: WAITING })).length === 0) await sleep(5);
      await task(tx);
    });
  }

  it('outlives a database that is lost in the middle of an import', async () => {
    upstream.serve('/toy', feedBody(300));
    await update([feed()]);
    upstream.serve('/toy', feedBody(5000, 'new'));
    await using own = await connect(db.dsn, { applicationName: 'to be lost' });
    let updating: Promise<FeedResult[]> | undefined;
    await whileImporting(
      () => (updating = update([feed()], {}, own)),
      async (tx) => {
        await tx.query({
          text: `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
        });
        assert.equal((await updating)?.[0]?.state, 'failed');
      },
    );
    assert.equal(await current(), 300);
    upstream.serve('/toy', feedBody(301));
    assert.equal((await update([feed()], {}, own))[0]?.rows, 301);
  });

  it('loses nothing when the process is killed in the middle of an import, and goes on at once', async () => {
    upstream.serve('/toy', feedBody(300));
    await update([feed()]);
    upstream.serve('/toy', feedBody(5000, 'new'));
    let replica: ChildProcess | undefined;
    await whileImporting(
      () =>
        (replica = spawn(process.execPath, [REPLICA, db.dsn, `${upstream.base}/toy`], { stdio: 'inherit' })),
      async () => {
        assert.equal((await update([feed()]))[0]?.state, 'busy');
        replica!.kill('SIGKILL');
        await once(replica!, 'exit');
      },
    );
    assert.equal(await current(), 300);
    upstream.serve('/toy', feedBody(301));
    let result: FeedResult | undefined;
    for (let i = 0; i < 100 && (result === undefined || result.state === 'busy'); i++) {
      [result] = await update([feed()]);
      if (result?.state === 'busy') await sleep(20); // the server has not noticed yet
    }
    assert.deepEqual([result?.state, result?.rows], ['updated', 301]);
  });
});
