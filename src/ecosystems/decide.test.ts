import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { VersionScheme } from '../contract/version-scheme.ts';
import { UNREADABLE_BOUND } from '../model/advisory.ts';
import { decide, type NullableBounds, type Verdict } from './decide.ts';
import { keyRangeOf, versionKeys } from './version-keys.ts';

/** Whole numbers, and `?`: a scheme that takes any text must not take this one for a bound. */
const numbers: VersionScheme<number> = {
  id: 'numbers',
  parse: (text) => (/^\d+$|^\?$/.test(text) ? Number(text === '?' ? 0 : text) : undefined),
  compare: (a, b) => a - b,
  key: (version) => Buffer.of(version),
};

const unreadable = { from: UNREADABLE_BOUND, upTo: UNREADABLE_BOUND };
const cases: [version: string, bounds: NullableBounds, verdict: Verdict][] = [
  ['1', unreadable, 'unknown'],
  ['odd', unreadable, 'unknown'],
  ['?', unreadable, 'unknown'],
  ['1', { from: '1', upTo: '1' }, 'affected'],
  ['2', { from: '1', upTo: '1' }, 'unaffected'],
  ['odd', { from: '1', upTo: '1' }, 'unknown'],
  ['odd', { from: 'odd', upTo: 'odd' }, 'affected'],
  ['1', { from: 'odd', upTo: 'odd' }, 'unaffected'],
  ['even', { from: 'odd', upTo: 'odd' }, 'unknown'],
  ['1', { from: '0', below: UNREADABLE_BOUND }, 'unknown'],
];
for (const [version, bounds, verdict] of cases) {
  it(`${version} in ${JSON.stringify(bounds)} is ${verdict}`, () => {
    assert.equal(decide(numbers, version, bounds), verdict);
  });
}

it('a bound that stands for none that could be read has no key', () => {
  assert.deepEqual(keyRangeOf(versionKeys(), numbers, unreadable), {
    lo: undefined,
    hi: undefined,
    undecided: true,
  });
});
