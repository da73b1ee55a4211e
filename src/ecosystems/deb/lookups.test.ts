import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IndexRecord } from '../../model/index-report.ts';
import { NO_DISTRIBUTION, type Package } from '../../model/package.ts';
import { lookups } from './lookups.ts';
import { debianRelease, ubuntuRelease } from './releases.ts';

const BINARY: Package = { name: 'bsdutils', version: '1:2.38-5', kind: 'binary', arch: 'amd64' };
const BUILT: Package = { ...BINARY, source: { name: 'util-linux', version: '2.38-5' } };

function found(record: IndexRecord): string[] {
  return lookups(record).map(({ scope, kind, name, version, arch }) =>
    [scope, kind, name, version, arch ?? ''].join(' ').trim(),
  );
}

describe('lookups', () => {
  const debian = debianRelease('12', 'bookworm');
  const ubuntu = ubuntuRelease('22.04', 'jammy');
  const cases: [what: string, record: IndexRecord, want: string[]][] = [
    [
      'a source at its own version, and the binary',
      { package: BUILT, distribution: debian },
      ['debian:12 source util-linux 2.38-5', 'debian:12 binary bsdutils 1:2.38-5 amd64'],
    ],
    [
      'a package without a source as its own',
      { package: BINARY, distribution: ubuntu },
      ['ubuntu:22.04 source bsdutils 1:2.38-5', 'ubuntu:22.04 binary bsdutils 1:2.38-5 amd64'],
    ],
    [
      'a nameless source for none',
      { package: { ...BINARY, source: { name: '', version: '' } }, distribution: debian },
      ['debian:12 source bsdutils 1:2.38-5', 'debian:12 binary bsdutils 1:2.38-5 amd64'],
    ],
    [
      'a source package once',
      { package: { ...BINARY, kind: 'source' }, distribution: debian },
      ['debian:12 source bsdutils 1:2.38-5'],
    ],
    [
      'testing by its code name',
      { package: { ...BINARY, kind: 'source' }, distribution: debianRelease('', 'forky') },
      ['debian:forky source bsdutils 1:2.38-5'],
    ],
    ['nothing without a distribution', { package: BUILT }, []],
    ['nothing of another distribution', { package: BUILT, distribution: { ...debian, did: 'alpine' } }, []],
    [
      'nothing of an unknown release',
      { package: BUILT, distribution: { ...NO_DISTRIBUTION, did: 'ubuntu', versionCodeName: 'x' } },
      [],
    ],
    ['nothing of a language', { package: BUILT, distribution: debian, repository: { name: 'pypi' } }, []],
    ['nothing of a layer', { package: { ...BUILT, kind: 'layer' }, distribution: debian }, []],
  ];
  for (const [what, record, want] of cases)
    it(`looks up ${what}`, () => assert.deepEqual(found(record), want));
});
