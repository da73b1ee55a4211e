import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../../ecosystems/index.ts';
import { NO_DISTRIBUTION } from '../../model/package.ts';
import { unknownMatchers, wantedMatchers } from './wanted-matchers.ts';

const debian = {
  package: { name: 'curl', version: '1', kind: 'binary', source: { name: 'curl', version: '1' } },
  distribution: { ...NO_DISTRIBUTION, did: 'debian', name: 'Debian GNU/Linux', versionId: '12' },
} as const;

describe('matchers.names', () => {
  const cases: [string[] | null, boolean][] = [
    [null, true],
    [['debian-matcher'], true],
    [['debian'], true],
    [['deb'], true],
    [['python', 'rhel'], false],
    [[], false],
  ];
  for (const [names, want] of cases) {
    it(`${JSON.stringify(names)}: ${want ? 'looks up' : 'leaves out'} Debian, and says so`, () => {
      const scopes = wantedMatchers(ecosystems, names).flatMap((ecosystem) =>
        ecosystem.lookups(debian).map(({ scope }) => scope),
      );
      assert.deepEqual([...new Set(scopes)], [want ? 'debian:12' : 'debian:12 (not in matchers.names)']);
    });
  }
  it('that there are not are told', () => {
    assert.deepEqual(
      unknownMatchers(ecosystems, ['debian', 'debian-matcher', 'rhel', 'rust', 'wolfi', 'crda']),
      ['crda'],
    );
  });
});
