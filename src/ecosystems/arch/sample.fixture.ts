/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample } from '../../contract/sample.fixture.ts';
import { ARCH, archLinux } from './release.ts';

const GROUP = {
  name: 'AVG-1',
  packages: ['curl', 'lib32-curl'],
  status: 'Fixed',
  severity: 'High',
  type: 'information disclosure',
  affected: '8.5.0-1',
  fixed: '8.5.0-2',
  ticket: null,
  issues: ['CVE-2099-0001'],
  advisories: ['ASA-209901-1'],
};

export const sample: Sample = {
  of: ARCH,
  files: [
    file('etc/os-release', 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n'),
    file(
      'var/lib/pacman/local/curl-8.5.0-1/desc',
      '%NAME%\ncurl\n\n%VERSION%\n8.5.0-1\n\n%BASE%\ncurl\n\n%ARCH%\nx86_64\n\n%PACKAGER%\nLab <lab@archlinux.org>\n\n%VALIDATION%\npgp\n\n',
    ),
  ],
  distros: ['arch-rolling', 'archlinux-20240101'],
  says: { [ARCH]: [{ scope: { key: ARCH, distribution: archLinux }, kind: 'binary', shape: 'fix' }] },
  documents: { [ARCH]: JSON.stringify([GROUP, { ...GROUP, status: 'Vulnerable', fixed: null }]) },
};
