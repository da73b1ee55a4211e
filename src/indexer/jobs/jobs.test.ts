import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '../../db/database.fixture.ts';
import { connect, type Database } from '../../db/database.ts';
import { migrate } from '../../db/migrate.ts';
import { AppError, isOutage, toldOf } from '../../errors.ts';
import { noLog } from '../../lib/log.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import { INDEXER_SCHEMA } from '../../schemas.ts';
import type { Indexer } from '../indexer.ts';
import { createIndexJobs, type IndexJobs } from './queue.ts';
import { createJobStore, type JobStore } from './store.ts';
import { IndexProgress, workOff } from './work-off.ts';

const digest = (number: number): Digest => parseDigest(`sha256:${number.toString(16).padStart(64, '0')}`);
const manifest = (number: number, uri = 'http://x'): Manifest => ({
  hash: digest(number),
  layers: [{ hash: digest(1000 + number), uri, headers: { A: ['secret'] } }],
});

const stack = new AsyncDisposableStack();
let db: Database;
let other: Database;
let store: JobStore;

before(async () => {
  const { dsn } = stack.use(await testDatabase());
  db = stack.use(await connect(dsn, { applicationName: 'one' }));
  other = stack.use(await connect(dsn, { applicationName: 'two' }));
  await migrate(db, INDEXER_SCHEMA);
  store = createJobStore(db);
});
after(() => stack.disposeAsync());
beforeEach(() => db.query({ text: 'truncate index_job' }));

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await condition()) return;
    await sleep(10);
  }
  assert.fail('waited too long');
}

describe('the queue', () => {
  it('gives each job to one worker', async () => {
    for (let i = 0; i < 20; i++) await store.add(manifest(i));
    const two = createJobStore(other);
    const taken = await Promise.all(
      Array.from({ length: 24 }, (_, i) => (i % 2 ? store : two).take(`w${i}`, 60_000)),
    );
    const got = taken.flatMap((job) => (job === undefined ? [] : [job.manifest.hash]));
    assert.deepEqual(
      [...got].sort(),
      Array.from({ length: 20 }, (_, i) => digest(i)),
    );
    const zero = taken.find((job) => job?.manifest.hash === digest(0));
    assert.deepEqual(zero?.manifest.layers, manifest(0).layers);
    assert.deepEqual(
      { ...(await store.depth()), oldestSeconds: 0 },
      { waiting: 0, running: 20, oldestSeconds: 0 },
    );
  });

  it('tells how long the job waits that no worker has taken', async () => {
    for (const i of [1, 2]) await store.add(manifest(i));
    await db.query({
      text: "update index_job set due = now() - interval '90 s' where manifest = $1",
      values: [digest(1)],
    });
    assert.ok((await store.depth()).oldestSeconds >= 90);
    assert.equal((await store.take('w', 60_000))?.manifest.hash, digest(1));
    assert.ok((await store.depth()).oldestSeconds < 90, 'that of the other');
    await store.take('w', 60_000);
    assert.deepEqual(await store.depth(), { waiting: 0, running: 2, oldestSeconds: 0 });
  });

  it('takes a manifest once, with its newest URLs, until somebody works on it', async () => {
    await store.add(manifest(1, 'http://old'));
    await store.add(manifest(1, 'http://new'));
    const job = await store.take('w', 60_000);
    assert.equal(job?.manifest.layers[0]?.uri, 'http://new');
    await store.add(manifest(1, 'http://later'));
    assert.equal(await store.take('v', 60_000), undefined);
    const status = await store.status(digest(1));
    assert.deepEqual([status?.running, status?.attempts, status?.layersTotal], [true, 1, 1]);
    assert.equal(await store.status(digest(2)), undefined);
  });

  it('gives the job of a silent worker to another one, and not back', async () => {
    await store.add(manifest(1));
    const first = await store.take('dead', 1);
    await sleep(20);
    assert.equal((await store.status(digest(1)))?.running, false);
    const second = await store.take('alive', 60_000);
    assert.deepEqual([second?.id, second?.attempts], [first?.id, 2]);
    const progress = { layersDone: 1, bytes: 5 };
    assert.equal(await store.renew('dead', first!.id, 60_000, progress), false);
    await store.remove('dead', first!.id);
    await store.giveBack('dead', first!.id, 0, 'x');
    assert.equal(await store.renew('alive', first!.id, 60_000, progress), true);
    const status = await store.status(digest(1));
    assert.deepEqual([status?.layersDone, status?.bytes, status?.error], [1, 5, undefined]);
    await store.remove('alive', first!.id);
    assert.equal(await store.status(digest(1)), undefined);
  });

  it('forgets what nobody works on', async () => {
    await store.add(manifest(1));
    await store.add(manifest(2));
    await store.take('w', 60_000);
    await store.cancel([digest(1), digest(2), digest(3)]);
    assert.ok(await store.status(digest(1)));
    assert.equal(await store.status(digest(2)), undefined);
  });

  it('leaves nothing of the URLs and headers of a job that ended, however it ended', async () => {
    const stored = async (): Promise<number> =>
      (await db.query({ text: `select from index_job j where j::text like '%secret%'` })).length;
    for (const end of ['done', 'cancelled', 'given up'] as const) {
      await store.add(manifest(1));
      assert.equal(await stored(), 1);
      if (end === 'cancelled') await store.cancel([digest(1)]);
      else {
        const job = await store.take('w', 60_000);
        const indexer = { index: async () => '{}', giveUp: async () => {} };
        const options = { store, indexer, log: noLog, timeout: 60_000, ...heldByW() };
        const attempts = end === 'done' ? 1 : 6;
        await workOff({ ...job!, attempts }, options);
      }
      assert.equal(await stored(), 0, end);
    }
  });

  it('takes what is old whether it is due or not, but from nobody', async () => {
    for (let i = 1; i <= 4; i++) await store.add(manifest(i));
    await db.query({ text: `update index_job set submitted = now() - interval '2 days'` });
    await db.query({
      text: `update index_job set submitted = now() where manifest = $1`,
      values: [digest(4)],
    });
    await store.take('busy', 60_000);
    await db.query({
      text: `update index_job set due = now() + interval '1 hour' where manifest = $1`,
      values: [digest(2)],
    });
    const day = 24 * 3600_000;
    const old = [await store.takeOld('w', 60_000, day), await store.takeOld('w', 60_000, day)];
    assert.deepEqual(
      old.map((job) => job?.manifest.hash),
      [digest(2), digest(3)],
    );
    assert.equal(await store.takeOld('w', 60_000, day), undefined);
  });

  it('finds the next of very many by its index', async () => {
    await db.query({
      text: `insert into index_job (manifest, layers, layers_total)
        select 'sha256:' || lpad(to_hex(n), 64, '0'), '[]', 0 from generate_series(1, 50000) n`,
    });
    await db.query({ text: 'analyze index_job' });
    const plan = await db.query<{ 'QUERY PLAN': string }>({
      text: 'explain select id from index_job where due <= now() order by due, id limit 1 for update skip locked',
    });
    assert.match(plan.map((row) => row['QUERY PLAN']).join('\n'), /Index Scan using index_job_due/);
  });
});

describe('workers', () => {
  interface Told {
    readonly gaveUp: string[];
    readonly indexed: Digest[];
  }
  function workers(
    database: Database,
    index: Indexer['index'] = async () => '{}',
    more: Partial<Parameters<typeof createIndexJobs>[0]> = {},
  ): Told & { jobs: IndexJobs } {
    const told: Told = { gaveUp: [], indexed: [] };
    const jobs = createIndexJobs({
      store: createJobStore(database),
      log: noLog,
      concurrency: 2,
      timeout: 60_000,
      poll: 50,
      indexer: {
        index: async (each, options) => {
          told.indexed.push(each.hash);
          return await index(each, options);
        },
        giveUp: async (_, reason) => void told.gaveUp.push(reason),
      },
      ...more,
    });
    return { ...told, jobs };
  }

  it('of all replicas work the queue off, each job once', async () => {
    const stop = new AbortController();
    const [one, two] = [workers(db, () => sleep(5, '{}')), workers(other, () => sleep(5, '{}'))];
    const running = Promise.all([one.jobs.run(stop.signal), two.jobs.run(stop.signal)]);
    for (let i = 0; i < 30; i++) await one.jobs.submit(manifest(i));
    await until(async () => (await store.depth()).waiting + (await store.depth()).running === 0);
    assert.deepEqual(
      [...one.indexed, ...two.indexed].sort(),
      Array.from({ length: 30 }, (_, i) => digest(i)),
    );
    assert.ok(two.indexed.length > 0);
    stop.abort();
    await running;
  });

  it('begin at once with what is submitted beside them', async () => {
    const stop = new AbortController();
    const { jobs, indexed } = workers(db, undefined, { poll: 60_000 });
    const running = jobs.run(stop.signal);
    await sleep(50);
    await jobs.submit(manifest(1));
    await until(() => indexed.length === 1);
    stop.abort();
    await running;
  });

  it('give back what they have begun when the service stops', async () => {
    const stop = new AbortController();
    const { jobs, indexed } = workers(db, async (_, { signal }) => {
      await sleep(60_000, undefined, { signal });
      return '{}';
    });
    const running = jobs.run(stop.signal);
    await jobs.submit(manifest(1));
    await until(() => indexed.length === 1);
    stop.abort(new Error('stopping'));
    await running;
    const status = await store.status(digest(1));
    assert.deepEqual([status?.running, status?.attempts, status?.error], [false, 0, undefined]);
  });

  it('tell how far they are, and stop when the job is not theirs any more', async () => {
    const stop = new AbortController();
    let reason: unknown;
    const { jobs } = workers(
      db,
      async (each, { signal, onProgress, onLayerDone }) => {
        const layer = each.layers[0]!.hash;
        onProgress?.({ layer, bytes: 7 });
        onProgress?.({ layer, bytes: 9 });
        onLayerDone?.(layer);
        await sleep(60_000, undefined, { signal }).catch(() => {});
        reason = signal.reason;
        throw signal.reason;
      },
      { lease: 300 },
    );
    const running = jobs.run(stop.signal);
    await jobs.submit(manifest(1));
    await until(async () => (await store.status(digest(1)))?.bytes === 9);
    assert.equal((await store.status(digest(1)))?.layersDone, 1);
    await db.query({ text: "update index_job set owner = 'thief', due = now() + interval '1 hour'" });
    await until(() => reason !== undefined);
    assert.match(String(reason), /another worker acquired the job/);
    stop.abort();
    await running;
    assert.equal((await store.status(digest(1)))?.running, true);
  });

  const outcomes: [string, unknown, number, 'gone' | 'again' | 'given up'][] = [
    ['a bad layer', new AppError('bad-layer', 'no tar'), 1, 'gone'],
    ['a layer that is refused', new AppError('layer-refused', '404'), 1, 'gone'],
    ['a server that does not answer', new AppError('layer-unavailable', '503'), 1, 'again'],
    ['a bug', new Error('x'), 1, 'again'],
    ['a bug, for the fifth time', new Error('x'), 5, 'given up'],
    ['workers that ended five times', undefined, 6, 'given up'],
    ['an outage of the document store, for the fifth time', new AppError('documents', 'away'), 5, 'again'],
  ];
  for (const [what, error, attempts, outcome] of outcomes) {
    it(`after ${what}: ${outcome}`, async () => {
      await store.add(manifest(1));
      const taken = await store.take('w', 60_000);
      const gaveUp: string[] = [];
      await workOff(
        { ...taken!, attempts },
        {
          store,
          log: noLog,
          timeout: 60_000,
          ...heldByW(),
          indexer: {
            index: async () => {
              if (error !== undefined) throw error;
              return '{}';
            },
            giveUp: async (_, reason) => void gaveUp.push(reason),
          },
        },
      );
      const status = await store.status(digest(1));
      assert.equal(status === undefined, outcome !== 'again');
      assert.equal(gaveUp.length, outcome === 'given up' ? 1 : 0);
      if (outcome === 'again') {
        const told = isOutage(error) ? [0, undefined] : [1, toldOf(error)];
        assert.deepEqual([status?.running, status?.attempts, status?.error], [false, ...told]);
        assert.equal(await store.take('v', 1), undefined, 'not at once');
      }
    });
  }

  it('end what waited too long, also where nobody works', async () => {
    await store.add(manifest(1));
    await sleep(30);
    const stop = new AbortController();
    const { jobs, gaveUp, indexed } = workers(db, undefined, { concurrency: 0, longest: 20 });
    const running = jobs.run(stop.signal);
    await until(async () => (await store.status(digest(1))) === undefined);
    stop.abort();
    await running;
    assert.deepEqual([indexed.length, gaveUp.length], [0, 1]);
    assert.match(gaveUp[0] ?? '', /^indexing failed because it waited for over/);
  });

  it('end a job that takes too long', async () => {
    await store.add(manifest(1));
    const taken = await store.take('w', 60_000);
    await workOff(taken!, {
      store,
      log: noLog,
      timeout: 20,
      ...heldByW(),
      indexer: {
        index: async (_, { signal }) => {
          await sleep(60_000, undefined, { signal }).catch(() => {});
          throw signal.reason;
        },
        giveUp: async () => {},
      },
    });
    assert.match((await store.status(digest(1)))?.error ?? '', /timed out after 0\.02 s/);
  });
});

/** What a worker has of a job that it took as `w`. */
function heldByW() {
  const { signal } = new AbortController();
  return { owner: 'w', lost: signal, signal, progress: new IndexProgress() };
}
