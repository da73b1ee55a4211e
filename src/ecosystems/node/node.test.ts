import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NPM } from './detect-package-json.ts';
import { lookups } from './lookups.ts';
import { npmVersions } from './version.ts';

describe('npm versions', () => {
  const readable: [string, boolean][] = [
    ['1.2.3', true],
    [' v1.2.3 ', true],
    ['=1.2.3', true],
    ['= v1.2.3', true],
    ['1.2.3beta', true],
    ['1.2', true],
    ['latest', false],
    ['^1.2.3', false],
    ['', false],
  ];
  for (const [text, want] of readable) {
    it(`${JSON.stringify(text)}: ${want}`, () => assert.equal(npmVersions.parse(text) !== undefined, want));
  }
});

describe('lookups of npm', () => {
  const found = { name: '@s/A', version: '1.0.0', kind: 'binary' } as const;
  it('are of the repository npm, by the name as written', () => {
    assert.deepEqual(lookups({ package: found, repository: NPM }), [
      { scope: 'npm', name: '@s/A', kind: 'binary', version: '1.0.0' },
    ]);
  });
  it('are none elsewhere', () => {
    assert.deepEqual(lookups({ package: found }), []);
    assert.deepEqual(lookups({ package: found, repository: { name: 'pypi' } }), []);
  });
});
