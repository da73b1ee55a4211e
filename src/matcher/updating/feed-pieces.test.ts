import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Feed } from '../../contract/feed.ts';
import { inPieces } from '../../feeds/in-pieces.ts';
import { noLog } from '../../lib/log.ts';
import type { Advisory, Scope } from '../../model/advisory.ts';
import {
  advisory,
  dotted,
  matcherDatabase,
  noHttp,
  TOY_1,
  toyEcosystem,
  toyFeed,
} from '../matcher.fixture.ts';
import { loadFeedStatus } from '../store/feed-status.ts';
import { type FeedResult, type UpdateOptions, updateFeeds } from './update-feeds.ts';

const now = () => new Date('2026-02-03T04:05:06Z');
const { signal } = new AbortController();

/** A piece that says that these packages are affected by CVE-2020-1111. */
interface ToyPiece {
  readonly id: string;
  readonly says: readonly string[];
  /** Something in it cannot be read. */
  readonly bad?: boolean;
}

describe('feeds in pieces', () => {
  let db: Awaited<ReturnType<typeof matcherDatabase>>;
  before(async () => {
    db = await matcherDatabase();
  });
  after(() => db[Symbol.asyncDispose]());
  beforeEach(async () => {
    await db.query({
      text: `truncate feed, feed_set, feed_run, scope, feed_scope, feed_piece, advisory, advisory_doc, enrichment
        restart identity`,
    });
    read = [];
  });

  /** Ids of the pieces that were read. */
  let read: string[] = [];
  let days = 0;

  const pieced = (name: string, pieces: Iterable<ToyPiece>, scopes: readonly Scope[] = [TOY_1]): Feed => ({
    name,
    scopes,
    versions: dotted,
    async fetch(_fingerprint, _config, context) {
      return inPieces(`${++days}`, piecesOf(pieces), context);
    },
  });

  async function* piecesOf(pieces: Iterable<ToyPiece>) {
    for (const piece of pieces) {
      yield {
        content: JSON.stringify(piece),
        *read(problem: (problem: { where: string; reason: string }) => void): Generator<Advisory> {
          read.push(piece.id);
          if (piece.bad) problem({ where: piece.id, reason: 'bad' });
          for (const name of piece.says) yield advisory(name, 'CVE-2020-1111');
        },
      };
    }
  }

  const update = async (feed: Feed, options: Partial<UpdateOptions> = {}): Promise<FeedResult> => {
    read = [];
    const parts = { db, ecosystems: [toyEcosystem([feed])], enrichers: [], now, log: noLog, http: noHttp };
    const [result] = await updateFeeds(parts, { signal, ...options });
    return result!;
  };
  const anyLoss = { config: { toy: { max_row_loss: 1 } } };
  const live = async (feed = 'toy') =>
    (
      await db.query<{ name: string }>({
        text: `
          select a.name from advisory a join feed f on f.id = a.feed
          where f.name = $1 and until_run is null order by a.name`,
        values: [feed],
      })
    ).map(({ name }) => name);
  const counts = ({ state, rows, added, removed }: FeedResult) => [state, rows, added, removed];

  it('reads what is new, and forgets what is gone', async () => {
    const first = [
      { id: 'a', says: ['one', 'two'] },
      { id: 'b', says: ['three'] },
      { id: 'nothing', says: [] },
    ];
    assert.deepEqual(counts(await update(pieced('toy', first))), ['updated', 3, 3, 0]);
    assert.deepEqual(counts(await update(pieced('toy', first.toReversed()))), ['unchanged', 3, 0, 0]);
    assert.deepEqual(read, []);
    const next = [
      { id: 'a', says: ['one', 'four'] },
      { id: 'c', says: ['five'] },
      { id: 'nothing', says: [] },
    ];
    assert.deepEqual(counts(await update(pieced('toy', next))), ['updated', 3, 2, 2]);
    assert.deepEqual(read, ['a', 'c']);
    assert.deepEqual(await live(), ['five', 'four', 'one']);
    const [row] = await db.query({ text: `select count(*) from advisory where name = 'one'` });
    assert.deepEqual(row, { count: 1 }, 'what a changed piece still says is not touched');
  });

  it('keeps what any piece says', async () => {
    const a = { id: 'a', says: ['both', 'one'] };
    const b = { id: 'b', says: ['both', 'two'] };
    await update(pieced('toy', [a, b, b]));
    const [before] = await db.query({ text: `select id from advisory where name = 'both'` });
    assert.deepEqual(counts(await update(pieced('toy', [b]))), ['updated', 2, 0, 1]);
    const c = { id: 'c', says: ['both', 'two', 'three'] };
    assert.deepEqual(counts(await update(pieced('toy', [b, c]))), ['updated', 3, 1, 0]);
    assert.deepEqual(read, ['c']);
    assert.deepEqual(counts(await update(pieced('toy', [c]))), ['unchanged', 3, 0, 0]);
    const d = { id: 'd', says: ['both'] };
    assert.deepEqual(counts(await update(pieced('toy', [d]))), ['updated', 1, 0, 2]);
    assert.deepEqual(await db.query({ text: `select id from advisory where name = 'both'` }), [before]);
    assert.deepEqual(counts(await update(pieced('toy', [a]))), ['updated', 2, 1, 0]);
  });

  it('reads again what could not be read, or kept, and tells it again', async () => {
    const pieces = [
      { id: 'good', says: ['one'] },
      { id: 'bad', says: ['two'], bad: true },
      { id: 'long', says: ['three', 'x'.repeat(5000)] },
    ];
    for (const wanted of [
      ['good', 'bad', 'long'],
      ['bad', 'long'],
      ['bad', 'long'],
    ]) {
      const result = await update(pieced('toy', pieces));
      assert.deepEqual([read, result.rows, result.problems], [wanted, 3, 2]);
    }
    assert.deepEqual(counts(await update(pieced('toy', pieces.slice(0, 1)))), ['updated', 1, 0, 2]);
  });

  it('reads all again for another reader, configuration or scope', async () => {
    const pieces = [{ id: 'a', says: ['one'] }];
    const toy = pieced('toy', pieces);
    const others: [Feed, Partial<UpdateOptions>][] = [
      [{ ...toy, versions: { ...dotted, id: 'otherwise' } }, {}],
      [toy, { config: { toy: { url: 'elsewhere' } } }],
      [pieced('toy', pieces, [TOY_1, { key: 'toy:2' }]), {}],
    ];
    for (const [feed, options] of others) {
      await update(toy);
      await update(toy);
      assert.deepEqual(read, []);
      assert.equal((await update(feed, options)).rows, 1);
      assert.deepEqual(read, ['a']);
    }
  });

  it('changes nothing when it ends early', async () => {
    const pieces = [
      { id: 'a', says: ['one'] },
      { id: 'b', says: ['two'] },
    ];
    await update(pieced('toy', pieces));
    const broken = pieced(
      'toy',
      (function* () {
        yield { id: 'c', says: ['three'] };
        throw new Error('cut short');
      })(),
    );
    assert.equal((await update(broken)).error, 'cut short');
    assert.deepEqual(await live(), ['one', 'two']);
    await update(pieced('toy', pieces));
    assert.deepEqual(read, []);
  });

  it('takes no empty file for the news that all is well', async () => {
    await update(pieced('toy', [{ id: 'a', says: ['one'] }]));
    assert.match((await update(pieced('toy', []))).error ?? '', /is empty, and had 1 advisories/);
    assert.equal((await update(pieced('toy', [{ id: 'a', says: ['one'] }]))).rows, 1);
    assert.deepEqual(read, []);
    assert.deepEqual(counts(await update(pieced('toy', []), anyLoss)), ['updated', 0, 0, 1]);
  });

  it('reads all again when the feed is asked anew', async () => {
    const toy = pieced('toy', [{ id: 'a', says: ['one'] }]);
    await update(toy);
    await db.query({ text: `update feed set fingerprint = ''` });
    await db.query({ text: 'delete from advisory' });
    assert.deepEqual(counts(await update(toy)), ['updated', 1, 1, 0]);
    assert.deepEqual(read, ['a']);
  });

  it('does not rest on what another update changed meanwhile', async () => {
    const pieces = [
      { id: 'a', says: ['one'] },
      { id: 'b', says: ['two'] },
    ];
    await update(pieced('toy', pieces));
    const meanwhile = pieced('toy', pieces);
    const slow: Feed = {
      ...meanwhile,
      async fetch(fingerprint, config, context) {
        const fetched = await meanwhile.fetch(fingerprint, config, context);
        assert.ok(fetched !== 'unchanged');
        return {
          ...fetched,
          pieces: (async function* () {
            yield* fetched.pieces!;
            await db.query({
              text: 'delete from feed_piece where advisories = (select array[min(id)] from advisory)',
            });
          })(),
        };
      },
    };
    assert.match((await update(slow)).error ?? '', /another update came in between/);
    assert.deepEqual(await live(), ['one', 'two']);
  });

  it('knows no pieces after a load without them', async () => {
    const pieces = [{ id: 'a', says: ['one'] }];
    await update(pieced('toy', pieces));
    await update(toyFeed('toy', { records: [advisory('two', 'CVE-2020-1111')], fingerprint: 'whole' }));
    assert.deepEqual(await live(), ['two']);
    assert.deepEqual(counts(await update(pieced('toy', pieces))), ['updated', 1, 1, 1]);
    assert.deepEqual(read, ['a']);
  });

  it('has the same rows after any days as after the last alone', async () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 3 });
    const piece = fc
      .record({ id: fc.constantFrom('1', '2', '3'), says: names, bad: fc.boolean() })
      // If nothing but bad pieces came, without a row, the last good data would stay.
      .map((each) => (each.bad ? { ...each, says: ['z', ...each.says] } : each));
    const day = fc.array(piece, { minLength: 1, maxLength: 5 });
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(day, { minLength: 2, maxLength: 4 }), async (days) => {
        const grown = `grown-${++runs}`;
        for (const pieces of days) {
          const { rows } = await update(pieced(grown, pieces), anyLoss);
          assert.equal(rows, (await live(grown)).length);
        }
        await update(pieced(`fresh-${runs}`, days.at(-1)!), anyLoss);
        assert.deepEqual(await live(grown), await live(`fresh-${runs}`));
      }),
      { numRuns: 15 },
    );
    assert.deepEqual(
      (await loadFeedStatus(db, now())).filter(({ lastError }) => lastError !== undefined),
      [],
    );
  });
});
