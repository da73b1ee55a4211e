/** From upstream into one database, from there published, and pulled into another: the same in all tables. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { folderPlace } from '../../artifact/folder-place.ts';
import type { Database } from '../../db/database.ts';
import type { Changes } from '../history/update-diff.ts';
import { openPublished } from './open-database.ts';
import {
  advisories,
  createWorld,
  type Day,
  type PublishedWorld,
  signal,
  tablesOf,
} from './published.fixture.ts';
import { pullDatabase } from './pull.ts';

const FIRST: Day = {
  at: '2026-02-03T04:05:06.000Z',
  whole: advisories('a', 600),
  pieces: [
    ...Array.from({ length: 40 }, (_, piece) => advisories('b', 300).filter((_, n) => n % 40 === piece)),
    [],
  ].map((piece) => piece.map((each) => ({ ...each, scope: 'other', arches: ['x86_64', 'a "b"'] }))),
  facts: Array.from({ length: 2000 }, (_, n) => ({
    tag: `CVE-2024-${20_000 + n}`,
    data: { score: n, text: 'a\tb\\c\n'.repeat(9) },
  })),
  scores: Array.from({ length: 500 }, (_, n) => ({
    cve: `CVE-2024-${20_000 + n}`,
    first: n / 1000,
    second: 0.5,
  })),
};

/** Something changed, came and went in each. */
const SECOND: Day = {
  at: '2026-02-04T04:05:06.000Z',
  whole: FIRST.whole.map((each, n) => (n === 700 ? { ...each, below: '9' } : each)).slice(2),
  pieces: [...FIRST.pieces.slice(1), [{ ...advisories('c', 1, 1)[0]!, scope: 'other' }]],
  facts: [...FIRST.facts.slice(1), { tag: 'CVE-2026-1111', data: { score: 1 } }],
  scores: FIRST.scores.map((each) => ({ ...each, second: 0.25 })).slice(1),
};

const NONE = { updated: 0, unchanged: 0, failed: 0, current: 0 };

describe('a published database', () => {
  let world: PublishedWorld;
  let source: Database;
  let target: Database;
  before(async () => {
    world = await createWorld(FIRST);
    source = await world.database();
    target = await world.database();
    await world.matcher(source).updateFeeds({ signal });
  });
  after(() => world[Symbol.asyncDispose]());

  const pulled = async (db: Database, options: Parameters<PublishedWorld['pull']>[1] = {}) => {
    let bytes = 0;
    const results = await world.pull(db, {
      ...options,
      onProgress: (progress) => {
        bytes = progress.bytes;
      },
    });
    const states = { ...NONE };
    for (const { state, error } of results) {
      assert.equal(error, undefined);
      states[state as keyof typeof NONE]++;
    }
    const added = results.reduce((sum, each) => sum + each.added, 0);
    const removed = results.reduce((sum, each) => sum + each.removed, 0);
    return { states, added, removed, bytes };
  };

  it('has the same bytes whenever it is built', async () => {
    const first = await world.build(source);
    const blobs = readdirSync(join(world.folder, 'blobs/sha256'));
    const second = await world.build(source);
    assert.equal(second.digest, first.digest);
    assert.deepEqual(readdirSync(join(world.folder, 'blobs/sha256')), blobs);
    assert.deepEqual(
      first.config.layers.map(({ name, scopes }) => [name, scopes]),
      [
        ['facts', []],
        ['scores', []],
        ['shared/named', ['toy:']],
        ['shared/pieces', ['other']],
        ['toy', ['toy:']],
      ],
    );
  });

  it('makes all tables what they are after loading the feeds', async () => {
    const { states } = await pulled(target);
    assert.deepEqual(states, { ...NONE, updated: 4, unchanged: 1 });
    assert.deepEqual(await tablesOf(target), await tablesOf(source));
  });

  it('is compared in all tables that feeds fill', async () => {
    const compared = Object.keys(await tablesOf(source));
    const rows = await source.query<{ name: string }>({
      text: 'select tablename as name from pg_tables where schemaname = current_schema() order by 1',
    });
    const others = rows.map(({ name }) => name).filter((name) => !compared.includes(name));
    assert.deepEqual(
      others.filter((name) => !/^(console|decision)(_|$)|^matcher_migrations$/.test(name)),
      ['feed_try', 'loaded_bundle', 'pulled_chunk', 'pulled_feed', 'pulled_layer'],
      'a new table: compare it in tablesOf if its rows come from feeds',
    );
  });

  it('fetches nothing of what is here, and changes nothing', async () => {
    const before = await tablesOf(target);
    const again = await pulled(target);
    assert.deepEqual(again, { states: { ...NONE, unchanged: 5 }, added: 0, removed: 0, bytes: 0 });
    assert.deepEqual(await tablesOf(target), before);
  });

  it('writes only what changed the next day, as an update from upstream does', async () => {
    const { size } = (await world.open()).config.layers.find(({ name }) => name === 'toy')!;
    // As a release loaded it that kept no sums of what chunks say.
    const before = await world.database();
    await pulled(before);
    await before.query({ text: `update pulled_chunk set sums = ''` });
    world.day = SECOND;
    const results = await world.matcher(source).updateFeeds({ signal });
    await world.build(source);
    const toy = await pulled(target, { wanted: ({ name }) => name === 'toy' });
    assert.ok(toy.bytes > 0 && toy.bytes < size / 4, `${toy.bytes} of ${size}`);
    const others = await pulled(target);
    const [added, removed] = [toy.added + others.added, toy.removed + others.removed];
    assert.equal(
      added,
      results.reduce((sum, each) => sum + each.added, 0),
    );
    assert.equal(
      removed,
      results.reduce((sum, each) => sum + each.removed, 0),
    );
    assert.deepEqual(await tablesOf(target), await tablesOf(source));
    const older = await pulled(before);
    assert.deepEqual([older.added, older.removed], [added, removed]);
    assert.deepEqual(await tablesOf(before), await tablesOf(source));
  });

  it('tells of the same changes as updates from upstream: notifications follow from them', async () => {
    const told = async (list: Changes): Promise<string[]> => {
      const all: string[] = [];
      for await (const json of list.vulnerabilities())
        all.push(JSON.stringify({ ...JSON.parse(json), id: '' }));
      return all.sort();
    };
    const changes = async (db: Database) => {
      const matcher = world.matcher(db);
      const { byUpdater } = await matcher.updateOperations('vulnerability', false);
      const diffs = Object.entries(byUpdater).map(async ([updater, [cur, prev]]) => {
        const { added, removed } = await matcher.updateDiff(cur!.ref, prev?.ref);
        return { updater, added: await told(added), removed: await told(removed) };
      });
      return await Promise.all(diffs);
    };
    const [now, then] = [await changes(target), await changes(source)];
    assert.ok(then.some(({ added, removed }) => added.length > 0 && removed.length > 0));
    assert.deepEqual(now, then);
  });

  it('goes on from upstream, without reading again what the pieces said', async () => {
    world.day = { ...SECOND, at: '2026-02-04T12:05:06.000Z', pieces: [...SECOND.pieces, FIRST.pieces[0]!] };
    await world.matcher(source).updateFeeds({ signal });
    const results = await world.matcher(target).updateFeeds({ signal });
    assert.deepEqual(results.map(({ state, error }) => error ?? state).sort(), [
      'unchanged',
      'unchanged',
      'unchanged',
      'unchanged',
      'updated',
    ]);
    // Drawn by chance: two that ask upstream do not ask again at the same time.
    for (const table of ['feed', 'feed_set'])
      for (const db of [source, target]) await db.query({ text: `update ${table} set next_try = null` });
    assert.deepEqual(await tablesOf(target), await tablesOf(source));
  });

  it('never replaces what is newer', async () => {
    const before = await tablesOf(target);
    const { states } = await pulled(target); // of the morning
    assert.deepEqual(states, { ...NONE, current: 5 });
    assert.deepEqual(await tablesOf(target), before);
  });

  it('replaces all after an update that came in between', async () => {
    world.day = { ...SECOND, at: '2026-02-05T04:05:06.000Z', whole: FIRST.whole };
    await world.matcher(source).updateFeeds({ signal });
    await world.build(source);
    await pulled(target);
    const [now, then] = [await tablesOf(target), await tablesOf(source)];
    assert.deepEqual(now, then);
  });

  it('takes the layers that are wanted, without what only upstream needs', async () => {
    const few = await world.database();
    await pulled(few, { wanted: ({ name }) => name !== 'shared/named', withPieces: false });
    const [now, then] = [await tablesOf(few), await tablesOf(source, true)];
    assert.deepEqual(now.advisory, then.advisory);
    assert.deepEqual(now.feed_piece, []);
    assert.deepEqual(
      (now.feed_set as { name: string }[]).map(({ name }) => name),
      ['toy'],
      'a set of which a feed is missing was not asked',
    );
    const { states } = await pulled(few);
    assert.deepEqual(states, { ...NONE, unchanged: 5 });
    assert.deepEqual(await tablesOf(few, true), then);
  });

  it('lets two at once share the work', async () => {
    const both = await world.database();
    const place = folderPlace(world.folder, 'v1');
    const parts = { db: both, ...world };
    let bytes = 0;
    const pull = async () =>
      pullDatabase(parts, await openPublished(place, {}), {
        signal,
        onProgress: (progress) => {
          bytes = Math.max(bytes, progress.bytes);
        },
      });
    const results = await Promise.all([pull(), pull()]);
    const added = results.map((each) => each.reduce((sum, { added }) => sum + added, 0));
    const [alone] = [await world.database()];
    const once = await pulled(alone);
    assert.equal(added[0]! + added[1]!, once.added);
    assert.deepEqual(
      results.flat().filter(({ state }) => state === 'failed'),
      [],
    );
    assert.deepEqual((await tablesOf(both)).advisory, (await tablesOf(alone)).advisory);
  });
});
