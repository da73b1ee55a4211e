import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Shown } from './shown.ts';
import { ShownCache } from './shown-cache.ts';

const KEPT = 10;

const shownOf = (id: number, tail: string): Shown => ({
  id,
  scope: 1,
  order: String(id),
  head: Buffer.alloc(0),
  tail,
  aliasesJson: undefined,
  facts: new Map(),
  known: { exploited: false },
  feed: 'feed',
  name: 'CVE-1',
  aliases: [],
  severity: 'Unknown',
  rating: '',
  fix: '',
  code: undefined,
  size: 1,
});

/** What is given for `ids`, and which of them were loaded. */
async function ask(cache: ShownCache, ids: number[], basis = 'a', tail = '') {
  let loaded: readonly number[] = [];
  const shown = await cache.get(ids, basis, async (missing) => {
    loaded = missing;
    return missing.map((id) => shownOf(id, tail));
  });
  assert.deepEqual(shown.map(({ id }) => id).sort(), [...ids].sort());
  return { loaded, tails: shown.map((each) => each.tail) };
}

describe('what reports have shown', () => {
  it('is loaded once', async () => {
    const cache = new ShownCache(KEPT);
    assert.deepEqual((await ask(cache, [1, 2])).loaded, [1, 2]);
    assert.deepEqual((await ask(cache, [2, 3])).loaded, [3]);
    assert.deepEqual((await ask(cache, [1, 2, 3])).loaded, []);
  });
  it('makes room for what is shown later', async () => {
    const cache = new ShownCache(KEPT);
    await ask(cache, [1, 2]);
    for (let id = 10; id < 50; id++) {
      assert.deepEqual((await ask(cache, [1])).loaded, [], `with ${id}`);
      assert.deepEqual((await ask(cache, [id])).loaded, [id]);
    }
    assert.deepEqual((await ask(cache, [2])).loaded, [2]);
  });
  it('keeps nothing without room', async () => {
    const cache = new ShownCache(0);
    await ask(cache, [1, 2, 3]);
    assert.deepEqual((await ask(cache, [1, 2])).loaded, [1, 2]);
  });
  it('is loaded anew when enrichers know more', async () => {
    const cache = new ShownCache(KEPT);
    await ask(cache, [1], 'a', 'old');
    assert.deepEqual((await ask(cache, [1], 'b', 'new')).tails, ['new']);
    assert.deepEqual((await ask(cache, [1], 'b')).tails, ['new']);
  });
  it('of another state is not kept for this one', async () => {
    const cache = new ShownCache(KEPT);
    await cache.get([1], 'a', async () => {
      await ask(cache, [2], 'b');
      return [shownOf(1, 'of a')];
    });
    assert.deepEqual((await ask(cache, [1], 'b', 'of b')).tails, ['of b']);
  });
});
