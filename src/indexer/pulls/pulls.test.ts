/** The queue of images of registries, on a real database and a real registry. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../db/database.ts';
import { connect } from '../../db/database.ts';
import { startRegistry, type TestRegistry } from '../../image/registry/server.fixture.ts';
import { image, index, layout } from '../../image/target/builder.fixture.ts';
import { noLog } from '../../lib/log.ts';
import { Secret } from '../../lib/secret.ts';
import type { Manifest } from '../../model/manifest.ts';
import { indexerDatabase, type TestIndexer, testIndexer } from '../indexing.fixture.ts';
import { walkRegistries } from '../walk/walk-registry.ts';
import { createWalkStore } from '../walk/walk-store.ts';
import { forgetImages } from './forget-images.ts';
import { createRegistryImageStore } from './images-store.ts';
import { createPulls } from './pulls.ts';
import { type ConfiguredRegistry, fitsRepository } from './registry-access.ts';
import { createPullStore } from './store.ts';

const LEASE = 20_000;

describe('pulls', () => {
  const open = new AsyncDisposableStack();
  let db: Database;
  let registry: TestRegistry;
  let tested: TestIndexer;
  let configured: ConfiguredRegistry;

  before(async () => {
    const { dsn } = open.use(await indexerDatabase());
    tested = open.use(await testIndexer(dsn));
    db = open.use(await connect(dsn, { applicationName: 'pulls-test' }));
    registry = open.use(await startRegistry({ auth: 'bearer', users: { reader: 'secret' }, page: 2 }));
    configured = {
      host: registry.host,
      username: 'reader',
      password: new Secret('secret'),
      plain_http: true,
      insecure: false,
      repositories: ['team/*'],
      platforms: [],
      walk_interval: 3_600_000,
      forget_deleted: true,
      artifactory_access: 'path',
    };
  });
  after(() => open.disposeAsync());

  const sourceOf = (repository: string, name: string) => ({ host: registry.host, repository, name });
  const push = (repository: string, tag: string, text = `${repository} ${tag}`) => {
    const built = image([text]);
    registry.content.pushLayout(repository, layout([built.descriptor], built.blobs), tag);
    return built;
  };
  const partsOf = (airgap = false) => ({
    store: createPullStore(db),
    images: createRegistryImageStore(db),
    indexer: tested.indexer,
    registries: [configured],
    airgap,
    log: noLog,
    timeout: 60_000,
    concurrency: 2,
    retention: 3_600_000,
    loginOf: () => undefined,
    backoff: 1,
    poll: 20,
  });

  /** Works until the queue is empty. */
  async function workAll(parts = partsOf()): Promise<void> {
    const end = new AbortController();
    const running = createPulls(parts).run(end.signal);
    for (let tries = 0; tries < 600; tries++) {
      const [row] = await db.query<{ n: number }>({
        text: 'select count(*)::int as n from registry_pull where ended is null',
      });
      if (row!.n === 0) break;
      await sleep(50);
    }
    end.abort();
    await running;
  }
  const keysWaiting = async () =>
    (
      await db.query<{ key: string }>({
        text: 'select key from registry_pull where ended is null order by key',
      })
    ).map(({ key }) => key.slice(registry.host.length + 1));

  it('of one key wait once, and are taken by one worker', async () => {
    const store = createPullStore(db);
    const pull = { key: 'one', source: sourceOf('team/none', '1') };
    assert.deepEqual([await store.add(pull), await store.add(pull)], [true, true]);
    const taken = (await store.take('a', LEASE))!;
    assert.equal(await store.take('b', LEASE), undefined);
    assert.deepEqual(
      [await store.renew('a', taken.id, LEASE), await store.renew('b', taken.id, LEASE)],
      [true, false],
    );
    // What comes meanwhile is looked at again, and not at the same time.
    await store.add(pull);
    assert.equal(await store.take('b', LEASE), undefined);
    await store.end('a', taken, {
      digest: `sha256:${'0'.repeat(64)}` as Manifest['hash'],
      images: [],
      skipped: [],
    });
    const again = (await store.take('b', LEASE))!;
    assert.equal(again.key, 'one');
    await store.end('b', again, 'no such image');
    assert.equal(await store.take('b', LEASE), undefined);
    assert.equal(await store.status('one'), undefined, 'nobody asked');
  });

  it('of a worker that died come due again, and are not its own any more', async () => {
    const store = createPullStore(db);
    await store.add({ key: 'dead', source: sourceOf('team/none', '1'), request: '{}' });
    const lost = (await store.take('dead worker', 1))!;
    await sleep(20);
    const found = (await store.take('heir', LEASE))!;
    assert.deepEqual([found.key, found.attempts], ['dead', 2]);
    await store.end('dead worker', lost, 'late');
    assert.equal((await store.status('dead'))?.state, 'waiting');
    await store.end('heir', found, 'no such image');
    assert.deepEqual(
      [(await store.status('dead'))?.state, (await store.status('dead'))?.error],
      ['failed', 'no such image'],
    );
    await store.forgetEnded(0);
    assert.equal(await store.status('dead'), undefined);
  });

  it('tell how long the one waits that no worker has taken', async () => {
    const store = createPullStore(db);
    for (const key of ['old', 'new']) await store.add({ key, source: sourceOf('team/none', '1') });
    await db.query({ text: "update registry_pull set due = now() - interval '90 s' where key = 'old'" });
    const before = await store.depth();
    assert.equal(before.waiting, 2);
    assert.ok(before.oldestSeconds >= 90, String(before.oldestSeconds));
    assert.equal((await store.take('a', LEASE))?.key, 'old');
    const { waiting, oldestSeconds } = await store.depth();
    assert.equal(waiting, 2, 'one of them is worked on');
    assert.ok(oldestSeconds < before.oldestSeconds, 'that of the other');
    assert.equal((await store.take('a', LEASE))?.key, 'new');
    assert.deepEqual(await store.depth(), { waiting: 2, oldestSeconds: 0 });
    await db.query({ text: 'delete from registry_pull' });
  });

  it('are refused when as many wait as may', async () => {
    const store = createPullStore(db, 2);
    const add = (key: string) => store.add({ key, source: sourceOf('team/none', '1') });
    assert.deepEqual([await add('first'), await add('second'), await add('third')], [true, true, false]);
    await db.query({ text: "delete from registry_pull where key = 'first'" });
    assert.equal(await add('third'), true);
    await db.query({ text: 'delete from registry_pull' });
  });

  it('index an image, and all images of an index', async () => {
    const one = push('team/one', '1');
    const [amd, arm] = [image(['amd'], 'linux/amd64'), image(['arm'], 'linux/arm64')];
    const statement = image(['{}'], 'unknown/unknown');
    for (const each of [amd, arm, statement])
      registry.content.pushLayout('team/multi', layout([each.descriptor], each.blobs), 'part');
    const digest = registry.content.push(
      'team/multi',
      '1',
      index([amd, arm, statement].map((each) => each.descriptor)).bytes,
    );
    const pulls = createPulls(partsOf());
    await pulls.add({ key: 'a', source: sourceOf('team/one', '1') });
    await pulls.add({ key: 'b', source: sourceOf('team/multi', digest) });
    await workAll();
    for (const { digest: manifest } of [one, amd, arm]) {
      const stored = await tested.indexer.report(manifest as Manifest['hash']);
      assert.deepEqual([stored?.state, stored?.current], ['IndexFinished', true]);
    }
    assert.equal(await tested.indexer.report(statement.digest as Manifest['hash']), undefined);
  });

  it('fail with the reason, and go no way that layers may not go', async () => {
    const pulls = createPulls(partsOf());
    const cases: [key: string, host: string, reason: RegExp][] = [
      ['nobody', registry.host, /team\/nobody:1: (?:image not found|.*credentials)/],
      ['metadata', '169.254.169.254', /169\.254\.169\.254: address is not allowed/],
    ];
    for (const [key, host] of cases) {
      // As Harbor's: somebody asks.
      await pulls.add({
        key,
        source: { host, repository: 'team/nobody', name: '1', plainHttp: true },
        request: '{}',
      });
    }
    await workAll();
    for (const [key, , reason] of cases) {
      const status = await pulls.status(key);
      assert.equal(status?.state, 'failed');
      assert.match(status?.error ?? '', reason);
    }
  });

  it('of a walk are all tags that are new or have changed, and nothing else', async () => {
    await db.query({ text: 'delete from registry_image' });
    for (const [repository, tag] of [
      ['team/a', '1'],
      ['team/a', '2'],
      ['team/a', '3'],
      ['team/b', '1'],
      ['other/c', '1'],
    ] as const)
      push(repository, tag);
    await walk();
    const waiting = await keysWaiting();
    assert.ok(!waiting.some((key) => key.startsWith('other/')));
    for (const key of ['team/a:1', 'team/a:2', 'team/a:3', 'team/b:1', 'team/one:1'])
      assert.ok(waiting.includes(key), key);
    await workAll();
    await walk();
    assert.deepEqual(await keysWaiting(), [], 'all are known');

    const old = push('team/a', '2', 'another image');
    registry.content.remove('team/a', '3');
    const gone = image(['team/a 3']);
    assert.notEqual(await tested.indexer.report(gone.digest as Manifest['hash']), undefined);
    await walk();
    assert.deepEqual(await keysWaiting(), ['team/a:2']);
    assert.equal(
      await tested.indexer.report(gone.digest as Manifest['hash']),
      undefined,
      'its index report goes with it',
    );
    await workAll();
    assert.equal((await tested.indexer.report(old.digest as Manifest['hash']))?.current, true);
    const named = await db.query<{ digest: string }>({
      text: `select digest from manifest_about where names @> '[{"name": "${registry.host}/team/a", "tag": "2"}]'`,
    });
    assert.deepEqual(named, [{ digest: old.digest }], 'the name went from one image to the other');
  });

  it('of a walk that was interrupted begin where it was', async () => {
    await db.query({ text: 'delete from registry_image' });
    await walk({ interrupt: true });
    registry.manners.special = () => false;
    const before = registry.seen.length;
    await walk({ due: false });
    const paths = registry.seen.slice(before).map(({ path }) => path);
    assert.ok(!paths.includes('/v2/team/a/tags/list'), 'what was read is not read again');
    assert.ok(paths.includes('/v2/team/b/tags/list'));
  });

  /** One walk, to its end. */
  async function walk({ interrupt = false, due = true } = {}): Promise<void> {
    if (due)
      await db.query({
        text: 'update registry_walk set due = now(), started = null, repository = null, owner = null',
      });
    else await db.query({ text: 'update registry_walk set due = now(), owner = null' });
    const end = new AbortController();
    const parts = partsOf();
    const jobs = { cancel: async () => {} };
    const forget = forgetImages({ images: parts.images, indexer: tested.indexer, jobs, log: noLog });
    const pulls = createPulls({ ...parts, concurrency: 0 });
    const done = Promise.withResolvers<void>();
    const log = {
      ...noLog,
      info: (message: string) => message === 'walk of registry done' && done.resolve(),
    };
    if (interrupt) {
      registry.manners.special = (path, response) => {
        if (!path.endsWith('/team/b/tags/list')) return false;
        response.destroy();
        end.abort();
        done.resolve();
        return true;
      };
    }
    const store = createWalkStore(db, [registry.host]);
    const running = walkRegistries(
      {
        ...parts,
        store,
        pulls,
        forget,
        state: tested.indexer.state,
        log: log as typeof noLog,
        poll: 20,
        pause: 20,
      },
      end.signal,
    );
    await done.promise;
    end.abort();
    await running;
  }
});

describe('patterns of repositories', () => {
  const cases: [repository: string, patterns: string[], fits: boolean][] = [
    ['team/app', ['*'], true],
    ['team/app', ['team/*'], true],
    ['team/app', ['team/app'], true],
    ['team/app2', ['team/app'], false],
    ['a.b/c', ['a.b/*'], true],
    ['axb/c', ['a.b/*'], false],
    ['team/x/app', ['team/*/app', 'y'], true],
  ];
  for (const [repository, patterns, fits] of cases) {
    it(`${repository} ${fits ? 'fits' : 'does not fit'} ${patterns.join()}`, () =>
      assert.equal(fitsRepository(repository, patterns), fits));
  }
});
