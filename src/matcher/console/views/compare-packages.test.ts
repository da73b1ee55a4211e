import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../../../ecosystems/index.ts';
import { differingPackages } from './compare-packages.ts';
import { versionsByType } from './group-packages.ts';

describe('packages that differ between two images', () => {
  const cases: [from: string | undefined, to: string | undefined, kind: string | undefined][] = [
    ['1.2', '1.10', 'upgraded'],
    ['1:1.0', '2.0', 'downgraded'],
    // Binary packages of one source with an epoch and without.
    ['1:2.38.1-5, 2.38.1-5', '1:2.33.1-0.1, 2.33.1-0.1', 'downgraded'],
    ['1:2.33.1-0.1, 2.33.1-0.1', '1:2.38.1-5, 2.38.1-5', 'upgraded'],
    ['1.0', '1.0, 1.1', 'upgraded'],
    [undefined, '1.0', 'added'],
    ['1.0', undefined, 'removed'],
    ['1.0', '1.0', undefined],
  ];
  for (const [from, to, kind] of cases)
    it(`${from} to ${to}: ${kind}`, () => {
      const of = (versions: string | undefined) =>
        new Map(versions === undefined ? [] : [['deb\0util-linux', versions]]);
      const found = differingPackages(of(from), of(to), versionsByType(ecosystems));
      assert.deepEqual(
        found.map((each) => each.kind),
        kind === undefined ? [] : [kind],
      );
    });
});
