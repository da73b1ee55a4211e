import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAVEN_CENTRAL } from './detect-archives.ts';
import { java } from './index.ts';
import { lookups } from './lookups.ts';

describe('lookups of Java', () => {
  const found = { name: 'g:a', version: '1.0', kind: 'binary' } as const;

  it('are of the repository maven', () => {
    assert.deepEqual(lookups({ package: found, repository: MAVEN_CENTRAL }), [
      { scope: 'maven', name: 'g:a', kind: 'binary', version: '1.0' },
    ]);
  });

  it('are none elsewhere', () => {
    assert.deepEqual(lookups({ package: found }), []);
    assert.deepEqual(lookups({ package: found, repository: { name: 'npm' } }), []);
  });

  it('are in the scope of the feed', async () => {
    const feeds = await java.feeds[0]!.feeds({}, undefined as never);
    assert.deepEqual(
      feeds.map(({ name, scopes }) => [name, scopes.map(({ key }) => key)]),
      [['osv/maven', ['maven']]],
    );
  });
});
