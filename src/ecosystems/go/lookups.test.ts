import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GO_REPOSITORY } from './detect-binary.ts';
import { go } from './index.ts';
import { lookups } from './lookups.ts';

const look = (name: string, version: string, repository = GO_REPOSITORY) =>
  lookups({ package: { name, version, kind: 'binary' }, repository });

describe('lookups of Go', () => {
  it('looks modules up at their version', () => {
    assert.deepEqual(look('golang.org/x/text', 'v0.3.3'), [
      { scope: 'go', name: 'golang.org/x/text', kind: 'binary', version: 'v0.3.3' },
    ]);
  });

  const versions: [string, string][] = [
    ['1.21.0', '1.21.0'],
    ['1.21rc2', '1.21rc2'],
    ['1.21.3-acme', '1.21.3'],
    ['1.26-devel_0123abc', '1.26.0-devel'],
    ['devel', 'devel'],
  ];
  for (const [version, want] of versions) {
    it(`looks stdlib ${version} up as ${want}`, () =>
      assert.equal(look('stdlib', version)[0]?.version, want));
  }

  it('looks up what has no version: to be told as undecided', () => {
    for (const version of ['', '(devel)', '(devel) (git, dirty)']) {
      assert.equal(look('e.com/m', version)[0]?.version, version);
      assert.equal(go.versions.parse(version), undefined);
    }
  });

  it('leaves out other ecosystems', () => {
    assert.deepEqual(look('left-pad', '1.0.0', { name: 'npm' }), []);
    assert.deepEqual(lookups({ package: { name: 'm', version: 'v1.0.0', kind: 'binary' } }), []);
    assert.deepEqual(
      lookups({ package: { name: 'm', version: 'v1.0.0', kind: 'source' }, repository: GO_REPOSITORY }),
      [],
    );
  });

  it('has one feed set', () =>
    assert.deepEqual(
      go.feeds.map(({ set }) => set),
      ['osv'],
    ));
});
