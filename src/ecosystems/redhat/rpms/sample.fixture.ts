/** What this ecosystem gives to the tests that hold for all. */

import { file, type Sample } from '../../../contract/sample.fixture.ts';
import type { Scope } from '../../../model/advisory.ts';
import type { Distribution } from '../../../model/package.ts';
import { fixture } from '../../rpm/databases.fixture.ts';
import { amazonBeside } from '../../rpm/scopes/amazon-repositories.ts';
import { epelRelease } from '../../rpm/scopes/epel.ts';
import {
  amazonRelease,
  leapRelease,
  numberedRelease,
  oracleRelease,
  photonRelease,
  scopeKeyOf,
  slesRelease,
} from '../../rpm/scopes/releases.ts';
import { OPENEULER_SCOPES, slesScope } from '../../rpm/scopes/scopes.ts';
import { parseCpe } from '../scopes/cpe.ts';
import { rhelScope } from '../scopes/scopes.ts';

const scope = (distribution: Distribution): Scope => ({ key: scopeKeyOf(distribution)!, distribution });
const BASEOS = parseCpe('cpe:/o:redhat:enterprise_linux:8::baseos')!;

export const sample: Sample = {
  of: 'rpm',
  files: [
    file(
      'etc/os-release',
      'ID="almalinux"\nNAME="AlmaLinux"\nVERSION_ID="9.3"\nPRETTY_NAME="AlmaLinux 9.3"\n',
    ),
    file('var/lib/rpm/rpmdb.sqlite', fixture('rpmdb.sqlite.gz')),
    file(
      'usr/share/bottlerocket/application-inventory.json',
      JSON.stringify({
        Content: [{ Name: 'glibc', Version: '2.43', Release: '1.br1', Epoch: '1', Architecture: 'x86_64' }],
      }),
    ),
    file(
      'var/lib/rpmmanifest/container-manifest-2',
      'glibc\t2.38-8.azl3\t1\t1\tMicrosoft Corporation\t(none)\t9\tx86_64\t0\tglibc-2.38-8.azl3.src.rpm\n',
    ),
  ],
  distros: [
    ...[
      'rhel-9.2',
      'redhat-9.2',
      'amzn-2',
      'amazon-2023',
      'ol-9',
      'oracle-8.9',
      'rocky-9.3',
      'alma-9',
      'almalinux-9.4',
    ],
    ...['fedora-41', 'photon-5.0', 'sles-15.5', 'opensuse-leap-15.6', 'opensuse.leap-15.6', 'azurelinux-3.0'],
    ...['openeuler-22.03', 'mageia-9', 'sl-micro-6.0', 'sle-micro-5.5', 'sled-15.6', 'sles-16.0'],
    'opensuse-tumbleweed-20260101',
  ],
  says: {
    aws: [{ scope: scope(amazonRelease('2')), kind: 'binary', shape: 'fix', arches: true }],
    oracle: [{ scope: scope(oracleRelease('9')), kind: 'binary', shape: 'interval', arches: true }],
    'aws-extras': ['extras-nginx1', 'livepatch'].map((name) => ({
      scope: amazonBeside('2', name),
      kind: 'binary',
      shape: 'interval',
      arches: true,
    })),
    bottlerocket: [
      { scope: scope(numberedRelease('bottlerocket', 'Bottlerocket', '')), kind: 'binary', shape: 'fix' },
    ],
    azure: [
      {
        scope: scope(numberedRelease('azurelinux', 'Azure Linux', '3.0')),
        kind: 'source',
        shape: 'interval',
      },
      { scope: scope(numberedRelease('mariner', 'CBL-Mariner', '2.0')), kind: 'source', shape: 'interval' },
    ],
    epel: [{ scope: scope(epelRelease('9')), kind: 'source', shape: 'fix' }],
    fedora: [{ scope: scope(numberedRelease('fedora', 'Fedora Linux', '41')), kind: 'binary', shape: 'fix' }],
    photon: [{ scope: scope(photonRelease('5.0')), kind: 'binary', shape: 'interval', arches: true }],
    suse: [slesRelease('15'), leapRelease('15.6')].map((each) => ({
      scope: scope(each),
      kind: 'binary',
      shape: 'interval',
      arches: true,
    })),
    'rhel-vex': [{ scope: rhelScope(BASEOS), kind: 'binary', shape: 'fix' }],
    osv: [
      { scope: scope(numberedRelease('almalinux', 'AlmaLinux', '9')), kind: 'binary', shape: 'interval' },
      { scope: scope(numberedRelease('rocky', 'Rocky Linux', '9')), kind: 'source', shape: 'interval' },
      { scope: scope(numberedRelease('mageia', 'Mageia', '9')), kind: 'source', shape: 'interval' },
      { scope: OPENEULER_SCOPES.get('22.03-lts-sp3')!, kind: 'source', shape: 'interval' },
      {
        scope: scope(numberedRelease('sl-micro', 'SUSE Linux Micro', '6.0')),
        kind: 'source',
        shape: 'interval',
      },
      {
        scope: scope(numberedRelease('opensuse-tumbleweed', 'openSUSE Tumbleweed', '')),
        kind: 'source',
        shape: 'interval',
      },
      { scope: slesScope('16', '0'), kind: 'source', shape: 'interval' },
    ],
  },
};
