import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { guardRows, maxRowLoss } from './guard-rows.ts';

describe('rows that an update takes away', () => {
  const cases: [before: number, after: number, most: number, problems: number, refused?: RegExp][] = [
    [0, 0, 0.5, 0],
    [0, 10, 0.5, 3],
    [10, 10, 0, 0],
    [10, 1, 0.5, 0],
    [150, 50, 0.5, 0],
    [151, 50, 0.5, 0, /lost 101 of 151 advisories/],
    [1000, 500, 0.5, 0],
    [1000, 499, 0.5, 0, /rejected: it lost 501 of 1000 advisories\. The previous data stays in use/],
    [1000, 899, 0.1, 0, /lost 101/],
    [1000, 899, 0, 0, /lost 101/],
    [1000, 1, 1, 0],
    [1, 0, 0.5, 0, /is empty, and had 1 advisories/],
    [1000, 0, 1, 0],
    [1000, 0, 1, 5, /none of its records could be read \(5 problems\)/],
    [0, 0, 0.5, 5, /none of its records/],
  ];
  for (const [before, after, most, problems, refused] of cases) {
    it(`${refused ? 'keeps' : 'replaces'} ${before} by ${after}, at most ${most}, ${problems} problems`, () => {
      const guard = () => guardRows({ name: 'toy', set: 'toys', before, after, problems }, most);
      if (refused === undefined) guard();
      else assert.throws(guard, { code: 'feed', message: refused });
    });
  }

  it('are as many as the configuration says: of the feed, of its set, or a half', () => {
    const names = { name: 'toy', set: 'toys' };
    assert.equal(maxRowLoss(undefined, names), 0.5);
    assert.equal(maxRowLoss({ toys: { max_row_loss: 0.2, url: 'x' } }, names), 0.2);
    assert.equal(maxRowLoss({ toys: { max_row_loss: 0.2 }, toy: { max_row_loss: 1 } }, names), 1);
    assert.throws(() => maxRowLoss({ toy: { max_row_loss: 2 } }, names), {
      code: 'bad-config',
      message: /updaters\.config\.toy\.max_row_loss/,
    });
  });
});
