/** What this ecosystem gives to the tests that hold for all. */
import { file, type Sample } from '../../contract/sample.fixture.ts';
import { debianRelease, echoRelease, scopeOf, ubuntuRelease } from './releases.ts';

export const sample: Sample = {
  of: 'deb',
  files: [
    file(
      'etc/os-release',
      'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    ),
    file(
      'var/lib/dpkg/status',
      'Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nSource: glibc\nArchitecture: amd64\n',
    ),
  ],
  distros: ['debian-12', 'debian-12.5', 'debian-forky', 'ubuntu-22.04', 'echo-1'],
  says: {
    debian: [
      {
        scope: { key: 'debian:12', distribution: debianRelease('12', 'bookworm') },
        kind: 'source',
        shape: 'fix',
      },
    ],
    echo: [{ scope: scopeOf(echoRelease()), kind: 'source', shape: 'fix' }],
    ubuntu: [
      {
        scope: { key: 'ubuntu:22.04', distribution: ubuntuRelease('22.04', 'jammy') },
        kind: 'binary',
        shape: 'fix',
      },
    ],
  },
};
