import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PYPI } from './detect-metadata.ts';
import { lookups, normaliseName } from './lookups.ts';

describe('lookups of Python', () => {
  const found = { name: 'foo_bar.baz', version: '1.0', kind: 'binary' } as const;

  it('are of the repository pypi', () => {
    assert.deepEqual(lookups({ package: found, repository: PYPI }), [
      { scope: 'pypi', name: 'foo-bar-baz', kind: 'binary', version: '1.0' },
    ]);
  });

  it('are none elsewhere', () => {
    assert.deepEqual(lookups({ package: found }), []);
    assert.deepEqual(lookups({ package: found, repository: { name: 'npm' } }), []);
    assert.deepEqual(lookups({ package: { ...found, kind: 'source' }, repository: PYPI }), []);
  });

  // PEP 503, "Normalized Names"
  for (const name of [
    'friendly-bard',
    'Friendly-Bard',
    'FRIENDLY-BARD',
    'friendly.bard',
    'friendly--_.bard',
  ]) {
    it(`${name} is friendly-bard`, () => assert.equal(normaliseName(name), 'friendly-bard'));
  }
});
