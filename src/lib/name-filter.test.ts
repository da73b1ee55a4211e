import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeFilter, encodeFilter, finishHash, hashBytes } from './name-filter.ts';

const hashOf = (name: string): number => {
  const { a, b } = hashBytes(Buffer.from(name));
  return finishHash(a, b);
};
const filterOf = (names: readonly string[], budget: number) =>
  encodeFilter(Float64Array.from(names, hashOf), budget);

describe('name filter', () => {
  it('never denies a member, whatever its budget', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 200 }),
        fc.nat(2000),
        (names, budget) => {
          const filter = decodeFilter(filterOf(names, budget));
          assert.ok(filter);
          for (const name of names) assert.ok(filter.has(hashOf(name)), name);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('is the same for the same members, in any order and however often', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat(500), (names, budget) => {
        assert.equal(filterOf([...names, ...names].reverse(), budget), filterOf(names, budget));
      }),
    );
  });

  for (const [count, budget] of [
    [1, 0],
    [100, 0],
    [5000, 0],
    [40_000, 0],
    [40_000, 44 * 1024],
  ] as const) {
    it(`takes less than 1 % of others for one of ${count} members, in ${budget} bytes`, () => {
      const names = Array.from({ length: count }, (_, n) => `example.com/m/p${n % 97}.Type${n}.Method`);
      const filter = decodeFilter(filterOf(names, budget))!;
      let wrong = 0;
      const others = 100_000;
      for (let n = 0; n < others; n++)
        if (filter.has(hashOf(`example.com/m/p${n % 97}.Other${n}.Method`))) wrong++;
      assert.ok(wrong / others < 0.01, `${wrong} of ${others}`);
    });
  }

  it('takes at most 45 KiB for 40,000 names', () => {
    const names = Array.from({ length: 40_000 }, (_, n) => `p.F${n}`);
    assert.ok(Buffer.from(filterOf(names, 0), 'base64').length < 45 * 1024);
    assert.ok(Buffer.from(filterOf(names.slice(0, 10_000), 44 * 1024), 'base64').length < 45 * 1024);
  });

  it('is not read if it was cut or is something else', () => {
    const text = filterOf(['a', 'b', 'c'], 100);
    const bytes = Buffer.from(text, 'base64');
    const cases = [
      '',
      'AAAA',
      bytes.subarray(0, bytes.length - 2),
      Buffer.from([1, 7, 255, 255, 255, 255, 0]),
    ];
    for (const each of cases)
      assert.equal(decodeFilter(typeof each === 'string' ? each : each.toString('base64')), undefined);
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 7, max: 16 }), (rest, low) => {
        const bytes = Buffer.from([1, low, ...rest]);
        const filter = decodeFilter(bytes.toString('base64'));
        if (filter) assert.equal(typeof filter.has(hashOf('x')), 'boolean');
      }),
    );
  });
});
