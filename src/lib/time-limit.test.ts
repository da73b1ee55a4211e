import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TimeLimitError, withinTime } from './time-limit.ts';

describe('withinTime', () => {
  it('returns, and throws, what the code does', () => {
    const list = [1];
    assert.equal(
      withinTime(60_000, () => list),
      list,
    );
    assert.throws(
      () =>
        withinTime(60_000, () => {
          throw new RangeError('far');
        }),
      RangeError,
    );
  });
  it('ends a loop', () =>
    assert.throws(
      () =>
        withinTime(10, () => {
          for (;;);
        }),
      TimeLimitError,
    ));
  it('ends a regular expression that tries everything', () =>
    assert.throws(() => withinTime(10, () => /^(a+)+$/.test(`${'a'.repeat(60)}b`)), TimeLimitError));
  it('is as before afterwards', () =>
    assert.equal(
      withinTime(60_000, () => 'again'),
      'again',
    ));
});
