import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { opamVersions } from './version.ts';

describe('versions of opam', () => {
  // The manual's own chain, and versions that begin with a letter as those of Jane Street do.
  const chains = [
    ['~~', '~', '~beta2', '~beta10', '0.1', '1.0~beta', '1.0', '1.0-test', '1.0.1', '1.0.10', 'dev', 'trunk'],
    ['v0.9.0', 'v0.16.0', 'v0.16.1', 'v1.0'],
  ];
  for (const chain of chains)
    it(chain.join(' < '), () => {
      for (const [at, low] of chain.entries())
        for (const high of chain.slice(at + 1)) {
          const [a, b] = [opamVersions.parse(low)!, opamVersions.parse(high)!];
          assert.ok(opamVersions.compare(a, b) < 0, `${low} < ${high}`);
          assert.ok(
            Buffer.compare(opamVersions.key(a)!, opamVersions.key(b)!) < 0,
            `keys of ${low} < ${high}`,
          );
        }
    });
  it('are equal whatever zeros numbers begin with', () =>
    assert.equal(opamVersions.compare(opamVersions.parse('1.01')!, opamVersions.parse('1.1')!), 0));
  it('have no blanks', () => assert.equal(opamVersions.parse('1 0'), undefined));
});
