import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findIn } from './deb.fixture.ts';
import { debianDetector, ubuntuDetector } from './distributions.ts';
import { scopeKeyOf } from './releases.ts';

function read(contents: Record<string, string>): string[] {
  return [debianDetector, ubuntuDetector].flatMap((detector) =>
    findIn(detector, contents).map((item) => {
      assert.equal(item.found, 'distribution');
      const { did, name, version, versionCodeName, versionId, arch, cpe, prettyName } = item.distribution;
      assert.deepEqual([arch, cpe], ['', '']);
      return `${[did, name, version, versionCodeName, versionId, prettyName].join('|')} ${scopeKeyOf(item.distribution)}`;
    }),
  );
}

const BOOKWORM = 'debian|Debian GNU/Linux|12 (bookworm)|bookworm|12|Debian GNU/Linux 12 (bookworm) debian:12';
const JAMMY = 'ubuntu|Ubuntu|22.04 (Jammy)|jammy|22.04|Ubuntu 22.04 ubuntu:22.04';

describe('the distribution detectors', () => {
  const cases: [what: string, contents: Record<string, string>, want: string[]][] = [
    ['nothing', {}, []],
    [
      'Debian',
      {
        'etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\n',
      },
      [BOOKWORM],
    ],
    [
      'the code name in VERSION',
      { 'etc/os-release': 'ID=debian\nVERSION_ID="12"\nVERSION="12 (bookworm)"\n' },
      [BOOKWORM],
    ],
    [
      'os-release of the vendor',
      { 'usr/lib/os-release': 'ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n' },
      [BOOKWORM],
    ],
    [
      'that of etc before that of the vendor',
      {
        'etc/os-release': 'ID=other\n',
        'usr/lib/os-release': 'ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n',
      },
      [],
    ],
    [
      'bad lines',
      { 'etc/os-release': 'garbage\nID=debian\n=x\nVERSION_ID=12\nVERSION_CODENAME=bookworm' },
      [BOOKWORM],
    ],
    ['no code name', { 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' }, [BOOKWORM]],
    ['a point release without one', { 'etc/os-release': 'ID=Debian\nVERSION_ID="12.5"\n' }, [BOOKWORM]],
    ['no number', { 'etc/os-release': 'ID=debian\nVERSION_CODENAME=Bookworm\n' }, [BOOKWORM]],
    [
      'a number of which no name is known',
      { 'etc/os-release': 'ID=debian\nVERSION_ID=99\n' },
      ['debian|Debian GNU/Linux|99||99|Debian GNU/Linux 99 debian:99'],
    ],
    ['neither', { 'etc/os-release': 'ID=debian\n' }, []],
    [
      'Ubuntu without code name, of a point release',
      { 'etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04.3"\n' },
      ['ubuntu|Ubuntu|22.04||22.04|Ubuntu 22.04 ubuntu:22.04'],
    ],
    [
      'a number with a dot',
      { 'etc/os-release': 'ID=debian\nVERSION_ID=12.1\nVERSION_CODENAME=bookworm' },
      [BOOKWORM],
    ],
    [
      'testing and sid',
      { 'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nID=debian\nVERSION_CODENAME=forky\n' },
      ['debian|Debian GNU/Linux|forky|forky||Debian GNU/Linux forky debian:forky'],
    ],
    [
      'a derivative',
      { 'etc/os-release': 'ID=raspbian\nID_LIKE=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm' },
      [],
    ],
    ['Ubuntu', { 'etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\n' }, [JAMMY]],
    [
      'Ubuntu in capitals',
      { 'etc/os-release': 'ID=Ubuntu\nVERSION_ID="22.04"\nUBUNTU_CODENAME=jammy\n' },
      [JAMMY],
    ],
    [
      'old Ubuntu',
      { 'etc/os-release': 'ID=ubuntu\nVERSION_ID="14.04"\nVERSION="14.04.6 LTS, Trusty Tahr"\n' },
      ['ubuntu|Ubuntu|14.04 (Trusty)|trusty|14.04|Ubuntu 14.04 ubuntu:14.04'],
    ],
    [
      'lsb-release only',
      { 'etc/lsb-release': 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\nDISTRIB_CODENAME=jammy\n' },
      [JAMMY],
    ],
    [
      'an lsb-release of another',
      {
        'etc/lsb-release': 'DISTRIB_ID=LinuxMint\n',
        'etc/os-release': 'ID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\n',
      },
      [JAMMY],
    ],
    ['Ubuntu without a number', { 'etc/os-release': 'ID=ubuntu\nVERSION_CODENAME=jammy\n' }, [JAMMY]],
    ['Ubuntu by an unknown code name', { 'etc/os-release': 'ID=ubuntu\nVERSION_CODENAME=lab\n' }, []],
    [
      'the beginning of a file that is too big',
      { 'etc/os-release': `ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n${'#'.repeat(70_000)}` },
      [BOOKWORM],
    ],
  ];
  for (const [what, contents, want] of cases)
    it(`reads ${what}`, () => assert.deepEqual(read(contents), want));

  it('takes any text', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        (os, lsb) => void read({ 'etc/os-release': os, 'etc/lsb-release': lsb }),
      ),
    );
  });
});
