import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection } from '../../contract/detector.ts';
import { rpm } from '../redhat/rpms/index.ts';
import { findIn } from './databases.fixture.ts';
import { formatCpeName } from './scopes/cpe-name.ts';

const detectors = rpm.detectors.filter(({ kind }) => kind === 'distribution');

/** What the detectors together make of these files. */
function find(files: Record<string, string>): (Detection & { detector: string })[] {
  return detectors.flatMap((each) => findIn(each, files).map((found) => ({ ...found, detector: each.id })));
}

function osRelease(text: string): (Detection & { detector: string })[] {
  return find({ 'etc/os-release': text.replaceAll('; ', '\n') });
}

type Row = readonly [text: string, detector: string, line: string];

const ROWS: readonly Row[] = [
  [
    'NAME="Amazon Linux AMI"; VERSION="2017.09"; ID="amzn"; VERSION_ID="2017.09"',
    'aws',
    'amzn|Amazon Linux AMI|2018.03|2018.03||Amazon Linux AMI 2018.03|cpe:2.3:o:amazon:linux:2018.03:ga:*:*:*:*:*:*',
  ],
  [
    'NAME="Amazon Linux"; VERSION="2"; ID="amzn"; ID_LIKE="centos rhel fedora"; VERSION_ID="2"',
    'aws',
    'amzn|Amazon Linux|2|2||Amazon Linux 2|cpe:2.3:o:amazon:amazon_linux:2:*:*:*:*:*:*:*',
  ],
  [
    'NAME="Amazon Linux"; ID="amzn"; ID_LIKE="fedora"; VERSION_ID="2023"',
    'aws',
    'amzn|Amazon Linux|2023|2023||Amazon Linux 2023|cpe:2.3:o:amazon:amazon_linux:2023:*:*:*:*:*:*:*',
  ],
  [
    'NAME="Oracle Linux Server"; ID="ol"; VERSION_ID="10.1"; CPE_NAME="cpe:/o:oracle:linux:10:1:server"',
    'oracle',
    'ol|Oracle Linux Server|10|10|Oracle Linux 10|Oracle Linux Server 10|',
  ],
  [
    'NAME="VMware Photon OS"; ID=photon; VERSION_ID=6.0',
    'photon',
    'photon|VMware Photon OS|6.0|6.0||VMware Photon OS/Linux|',
  ],
  [
    'NAME="SLES"; VERSION="15-SP4"; VERSION_ID="15.4"; ID="sles"; CPE_NAME="cpe:/o:suse:sles:15:sp4"',
    'suse',
    'sles|SLES|15|15||SUSE Linux Enterprise Server 15|',
  ],
  ['ID="sles_sap"; VERSION_ID="12.5"', 'suse', 'sles|SLES|12|12||SUSE Linux Enterprise Server 12|'],
  [
    'NAME="openSUSE Leap"; ID="opensuse-leap"; VERSION_ID="15.6"',
    'suse',
    'opensuse-leap|openSUSE Leap|15.6|15.6||openSUSE Leap 15.6|',
  ],
  [
    'NAME="openSUSE Leap"; ID=opensuse; VERSION_ID="42.3"',
    'suse',
    'opensuse-leap|openSUSE Leap|42.3|42.3||openSUSE Leap 42.3|',
  ],
  [
    'NAME="Red Hat Enterprise Linux"; ID="rhel"; VERSION_ID="9.4"; PRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"',
    'rhel',
    'rhel|Red Hat Enterprise Linux Server|9|9||Red Hat Enterprise Linux Server 9|cpe:2.3:o:redhat:enterprise_linux:9:*:*:*:*:*:*:*',
  ],
  [
    'NAME="CentOS Stream"; VERSION="9"; ID="centos"; VERSION_ID="9"; PRETTY_NAME="CentOS Stream 9"; CPE_NAME="cpe:/o:centos:centos:9"; REDHAT_SUPPORT_PRODUCT="Red Hat Enterprise Linux 9"',
    'rpm-distributions',
    'centos|CentOS Stream|9|9||CentOS Stream 9|cpe:2.3:o:centos:centos:9:*:*:*:*:*:*:*',
  ],
  [
    'NAME="Rocky Linux"; VERSION="8.9 (Green Obsidian)"; ID="rocky"; VERSION_ID="8.9"; PRETTY_NAME="Rocky Linux 8.9 (Green Obsidian)"; CPE_NAME="cpe:/o:rocky:rocky:8:GA"',
    'rpm-distributions',
    'rocky|Rocky Linux|8.9 (Green Obsidian)|8.9||Rocky Linux 8.9 (Green Obsidian)|cpe:2.3:o:rocky:rocky:8:ga:*:*:*:*:*:*',
  ],
  [
    'NAME="Fedora Linux"; VERSION="41 (Container Image)"; ID=fedora; VERSION_ID=41; VERSION_CODENAME=""; PRETTY_NAME="Fedora Linux 41 (Container Image)"',
    'rpm-distributions',
    'fedora|Fedora Linux|41 (Container Image)|41||Fedora Linux 41 (Container Image)|',
  ],
  [
    'NAME="Microsoft Azure Linux"; VERSION="3.0.20240727"; ID=azurelinux; VERSION_ID="3.0"; PRETTY_NAME="Microsoft Azure Linux 3.0"',
    'rpm-distributions',
    'azurelinux|Microsoft Azure Linux|3.0.20240727|3.0||Microsoft Azure Linux 3.0|',
  ],
];

const lineOf = (found: Detection) =>
  found.found === 'distribution'
    ? [
        found.distribution.did,
        found.distribution.name,
        found.distribution.version,
        found.distribution.versionId,
        found.distribution.versionCodeName,
        found.distribution.prettyName,
        found.distribution.cpe,
      ].join('|')
    : JSON.stringify(found);

describe('distributions with rpm', () => {
  for (const [text, detector, line] of ROWS) {
    it(`${line.split('|').slice(0, 3).join(' ')}: one detector says so`, () => {
      assert.deepEqual(
        osRelease(text).map((found) => [found.detector, lineOf(found)]),
        [[detector, line]],
      );
    });
  }

  it('reads what there was before os-release', () => {
    for (const [files, line] of [
      [{ 'etc/oracle-release': 'Oracle Linux Server release 6.9\n' }, 'ol|Oracle Linux Server|6'],
      [
        {
          'etc/oracle-release': 'Oracle Linux Server release 6.9\n',
          'etc/redhat-release': 'Red Hat Enterprise Linux Server release 6.9 (Santiago)\n',
        },
        'ol|Oracle Linux Server|6',
      ],
      [{ 'etc/issue': '\nOracle Linux Server release 5.11\nKernel\n' }, 'ol|Oracle Linux Server|5'],
      [{ 'etc/photon-release': 'VMware Photon OS 2.0\n' }, 'photon|VMware Photon OS|2.0'],
      [{ 'etc/photon-release': 'VMware Photon Linux 1.0\n' }, 'photon|VMware Photon OS|1.0'],
      [{ 'etc/SuSE-release': 'SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\n' }, 'sles|SLES|11'],
      [
        { 'etc/redhat-release': 'Red Hat Enterprise Linux Server release 6.10 (Santiago)\n' },
        'rhel|Red Hat Enterprise Linux Server|6',
      ],
      [{ 'usr/lib/os-release': 'ID=fedora\nNAME=Fedora\nVERSION_ID=42\n' }, 'fedora|Fedora|'],
    ] as const) {
      const [found, ...others] = find(files);
      assert.deepEqual(others, []);
      assert.equal(lineOf(found!).split('|').slice(0, 3).join('|'), line);
    }
  });

  it('says nothing of other distributions', () => {
    for (const text of [
      'ID=debian; VERSION_ID=12',
      'ID=alpine; VERSION_ID=3.20.1',
      'NAME="Red Hat Enterprise Linux"; VERSION_ID=9',
      'ID=myos; ID_LIKE="rhel"; PRETTY_NAME="Like Red Hat Enterprise Linux 9"',
      '',
    ]) {
      assert.deepEqual(osRelease(text), [], text);
    }
    assert.deepEqual(
      find({ 'etc/os-release': 'ID=debian\n', 'etc/issue': 'Oracle Linux Server release 5\n' }),
      [],
    );
  });

  it('tells where a release cannot be read', () => {
    assert.deepEqual(osRelease('ID=rhel; VERSION_ID=next'), [
      {
        found: 'problem',
        where: 'etc/os-release',
        reason: 'VERSION_ID of rhel names no release',
        detector: 'rhel',
      },
    ]);
  });
});

describe('CPE_NAME', () => {
  it('is written as CPE 2.3, whichever it is', () => {
    for (const [text, formatted] of [
      ['cpe:/o:fedoraproject:fedora:35', 'cpe:2.3:o:fedoraproject:fedora:35:*:*:*:*:*:*:*'],
      ['cpe:/o:AlmaLinux:AlmaLinux:9::baseos', 'cpe:2.3:o:almalinux:almalinux:9:*:baseos:*:*:*:*:*'],
      ['cpe:2.3:o:amazon:amazon_linux:2', 'cpe:2.3:o:amazon:amazon_linux:2:*:*:*:*:*:*:*'],
      ['', ''],
      ['cpe:/x:a:b', ''],
      ['fedora', ''],
    ] as const) {
      assert.equal(formatCpeName(text), formatted);
    }
  });
});
