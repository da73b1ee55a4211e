import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findIn } from './deb.fixture.ts';
import { dpkgDistroless } from './dpkg-distroless.ts';

const FOLDER = 'var/lib/dpkg/status.d';

function read(text: string): unknown[] {
  return findIn(dpkgDistroless, { [`${FOLDER}/x`]: text }).map((item) => {
    if (item.found === 'package') {
      const { name, version, arch, source, database } = item.package;
      assert.equal(database, `${FOLDER}/x`);
      return [name, version, arch, source?.name, source?.version];
    }
    return item.found === 'problem' ? item.reason : item.found;
  });
}

describe('the dpkg-distroless detector', () => {
  const cases: [what: string, text: string, want: unknown[]][] = [
    [
      'a package that is its own source',
      'Package: tz\nVersion: 1-1\nArchitecture: all',
      ['database', ['tz', '1-1', 'all', 'tz', '1-1']],
    ],
    [
      'a source',
      'Package: libc6\nVersion: 2-1\nSource: glibc\n',
      ['database', ['libc6', '2-1', undefined, 'glibc', '2-1']],
    ],
    [
      'a source with a version',
      'Package: a\nVersion: 2+b1\nSource: s (2)\n',
      ['database', ['a', '2+b1', undefined, 's', '2']],
    ],
    [
      'a package without a version',
      'Package: a\n',
      ['database', 'stanza at line 1 (a): no Version field', ['a', '', undefined, 'a', '']],
    ],
    [
      'whatever the Status',
      'Package: a\nVersion: 1\nStatus: deinstall ok\n',
      ['database', ['a', '1', undefined, 'a', '1']],
    ],
    ['an empty file', '', ['database']],
    ['a file without a package', 'Version: 1\n', ['database', 'stanza at line 1: no Package field']],
  ];
  for (const [what, text, want] of cases) it(`finds ${what}`, () => assert.deepEqual(read(text), want));

  it('reads each file of status.d, checksums aside', () => {
    const found = findIn(dpkgDistroless, {
      [`${FOLDER}/a`]: 'Package: a\nVersion: 1\n',
      [`${FOLDER}/a.md5sums`]: 'd41d8cd98f00b204e9800998ecf8427e  x\n',
      'status.d/b': 'Package: b\nVersion: 1\n',
      [`${FOLDER}/deeper/c`]: 'Package: c\nVersion: 1\n',
      'xstatus.d/d': 'Package: d\nVersion: 1\n',
    });
    const names = found.flatMap((item) => (item.found === 'package' ? [item.package.name] : []));
    assert.deepEqual(names, ['a', 'b']);
  });

  it('takes any bytes without throwing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void read(text)));
  });
});
