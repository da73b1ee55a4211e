import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DocCache } from './doc-cache.ts';
import type { DocRow } from './store/load-advisories.ts';

const row = (id: number, facts: string | null = null): DocRow => ({
  id,
  name: `CVE-${id}`,
  severity: 0,
  aliases: null,
  wire: 'x'.repeat(800),
  facts,
});

/** The rows of `ids`, and which of them were loaded. */
async function ask(cache: DocCache, ids: number[], basis = 'a', facts: string | null = null) {
  let loaded: readonly number[] = [];
  const rows = await cache.rows(ids, basis, async (missing) => {
    loaded = missing;
    return missing.map((id) => row(id, facts));
  });
  assert.deepEqual(rows.map(({ id }) => id).sort(), [...ids].sort());
  return { loaded, rows };
}

describe('texts of reports', () => {
  it('are loaded once', async () => {
    const cache = new DocCache(10_000);
    assert.deepEqual((await ask(cache, [1, 2])).loaded, [1, 2]);
    assert.deepEqual((await ask(cache, [2, 3])).loaded, [3]);
    assert.deepEqual((await ask(cache, [1, 2, 3])).loaded, []);
  });
  it('make room for those shown last', async () => {
    const cache = new DocCache(3000);
    await ask(cache, [1, 2, 3]);
    await ask(cache, [1]);
    await ask(cache, [4]);
    assert.deepEqual((await ask(cache, [1, 3, 4])).loaded, []);
    assert.deepEqual((await ask(cache, [2])).loaded, [2]);
  });
  it('are loaded anew when enrichers know more', async () => {
    const cache = new DocCache(10_000);
    await ask(cache, [1], 'a', 'old');
    assert.equal((await ask(cache, [1], 'b', 'new')).rows[0]?.facts, 'new');
    assert.equal((await ask(cache, [1], 'b')).rows[0]?.facts, 'new');
  });
  it('of another state are not kept for this one', async () => {
    const cache = new DocCache(10_000);
    await cache.rows([1], 'a', async () => {
      await ask(cache, [2], 'b');
      return [row(1, 'of a')];
    });
    assert.equal((await ask(cache, [1], 'b', 'of b')).rows[0]?.facts, 'of b');
  });
});
