/** Rules about what is in an image excuse what its layers show, and nothing beside it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Atom, differences } from './atoms.ts';
import { explain } from './differences.ts';
import type { Layer } from './layers.ts';
import { type NormalReport, normalise, type RawReport } from './normal-form.ts';
import type { Case } from './rule.ts';

interface Content {
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly whiteouts?: readonly string[];
}

function layersOf(contents: readonly Content[]): Layer[] {
  return contents.map(({ files = {}, links = {}, whiteouts = [] }, index) => ({
    digest: `sha256:0${index}`,
    files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
    links: new Map(Object.entries(links)),
    behindSparse: new Set(),
    whiteouts,
    bytes: Buffer.alloc(0),
  }));
}

/** `detector name version package_db layer [did:version]` */
type Line = string;

function reportOf(lines: readonly Line[], more: Partial<RawReport> = {}): NormalReport {
  const report: Required<Pick<RawReport, 'packages' | 'environments' | 'distributions'>> = {
    packages: {},
    environments: {},
    distributions: {},
  };
  for (const [index, line] of lines.entries()) {
    const [detector, name = '', version = '', packageDb = '', layer = '0', distribution] = line.split(' ');
    const [did = '', release = ''] = distribution?.split(':') ?? [];
    if (distribution !== undefined) {
      report.distributions![distribution] = { did, name: did, version: release, pretty_name: distribution };
    }
    report.packages![index] = {
      name,
      version,
      kind: 'binary',
      detector: `urn:claircore:detector:${detector}:1:package`,
    };
    report.environments![index] = [
      {
        package_db: packageDb,
        introduced_in: `sha256:0${layer}`,
        distribution_id: distribution ?? '',
        repository_ids: null,
      },
    ];
  }
  return normalise({ manifest_hash: 'sha256:00', state: 'IndexFinished', ...report, ...more });
}

/** The rules that excuse the differences, '' for one that none does. */
function rulesFor(
  theirs: readonly Line[] | NormalReport,
  mine: readonly Line[] | NormalReport,
  contents: readonly Content[],
): string[] {
  const report = (given: readonly Line[] | NormalReport) => ('packages' in given ? given : reportOf(given));
  const [golden, ours] = [report(theirs), report(mine)];
  const layers = layersOf(contents);
  const at = { golden, ours, layers: () => layers, notYet: [] } as unknown as Case;
  const outcome: Atom[] =
    golden.state === ours.state
      ? []
      : [{ atom: 'outcome', what: 'state', golden: golden.state, ours: ours.state }];
  const found = [...outcome, ...differences(golden, ours)].map((atom) => explain(atom, at)?.id ?? '');
  return [...new Set(found)].sort();
}

const STATUS = 'var/lib/dpkg/status';
const stanza = (name: string, version: string) =>
  `Package: ${name}\nStatus: install ok installed\nArchitecture: all\nVersion: ${version}\n\n`;
const metadata = (name: string, version: string) => `Name: ${name}\nVersion: ${version}\n\n`;
const SITE = 'python:opt/site-packages';
const META = 'opt/site-packages/a.dist-info/METADATA';
const failed = (err: string) => reportOf([], { state: 'IndexError', err });

const CASES: [
  what: string,
  golden: readonly Line[] | NormalReport,
  ours: readonly Line[] | NormalReport,
  layers: Content[],
  excused: string[],
  elsewhere?: Content[],
][] = [
  [
    'a distribution that only one of them names',
    [`dpkg a 1 ${STATUS} 0`],
    [`dpkg a 1 ${STATUS} 0 debian:12`],
    [{ files: { 'usr/lib/os-release': 'ID=debian\n' } }],
    ['distribution-named'],
    [{ files: { 'usr/lib/os-release': 'ID=ubuntu\n' } }],
  ],
  [
    'the release of Alpine',
    ['apk a 1 db 0 alpine:3'],
    ['apk a 1 db 0 alpine:3.18'],
    [{ files: { 'etc/os-release': 'ID=alpine\nVERSION_ID=3.18\n' } }],
    ['alpine-release'],
    [{ files: { 'etc/os-release': 'ID=alpine\nVERSION_ID=3.19\n' } }],
  ],
  [
    'a database without info beside it',
    [],
    [`dpkg a 1 ${STATUS} 0`],
    [{ files: { [STATUS]: stanza('a', '1') + stanza('b', '1') } }],
    ['dpkg-usual-place'],
    [{ files: { [STATUS]: stanza('a', '1') + stanza('b', '1'), 'var/lib/dpkg/info/x': '' } }],
  ],
  [
    'the arch in the last line of a record',
    ['apk a 1 lib/apk/db/installed 0'],
    [],
    [{ files: { 'lib/apk/db/installed': 'P:a\nV:1\nA:x\n\n' } }],
    [''],
  ],
  [
    'a database of apk-tools 3',
    [],
    ['apk a 1 lib/apk/db/installed 0'],
    [{ files: { 'usr/lib/apk/db/installed': 'P:a\nV:1\n\nP:b\nV:1\n\n' } }],
    ['apk-usr-lib'],
    [{ files: { 'usr/lib/apk/db/installed': 'P:b\nV:1\n\n' } }],
  ],
  [
    'a folder that a link took the place of',
    [`python a 1 ${SITE} 0`],
    [],
    [{ files: { [META]: metadata('a', '1') } }, { links: { opt: 'srv' } }],
    ['language-overwritten'],
    [{ files: { [META]: metadata('a', '1') } }, { links: { 'opt/other': 'srv' } }],
  ],
  [
    'a database of dpkg that is written anew',
    [`dpkg a 1 ${STATUS} 0`],
    [],
    [{ files: { [STATUS]: stanza('a', '1') } }, { files: { [STATUS]: stanza('a', '1') } }],
    [''],
  ],
  [
    'another spelling of a version',
    [`python a 1.0b0 ${SITE} 0`],
    [`python a 1.0b2 ${SITE} 0`],
    [{ files: { [META]: metadata('a', '1.0-beta.2') } }],
    ['python-version-as-written'],
    [{ files: { [META]: metadata('a', '1.0-beta.3') } }],
  ],
  [
    'a copy that was lost with another one',
    [],
    [`python a 1 ${SITE} 0`],
    [
      { files: { [META]: metadata('a', '1') } },
      { files: { 'srv/a.dist-info/METADATA': metadata('a', '1') } },
      { whiteouts: ['srv/a.dist-info'] },
    ],
    ['language-copies'],
    [{ files: { [META]: metadata('a', '1') } }],
  ],
  [
    'a bare whiteout',
    [],
    [`python a 1 ${SITE} 0`],
    [{ files: { [META]: metadata('a', '1') } }, { files: { 'opt/site-packages/.wh.': '' } }],
    ['bare-whiteout'],
    [{ files: { [META]: metadata('a', '1') } }, { files: { 'opt/site-packages/wh': '' } }],
  ],
  [
    'a Python package that nobody lists',
    [],
    ['python a 1 python:usr/lib/python3/dist-packages 0'],
    [{ files: { 'usr/lib/python3/dist-packages/a-1.dist-info/METADATA': metadata('a', '1') } }],
    ['python-of-nobody'],
    [
      {
        files: {
          'usr/lib/python3/dist-packages/a-1.dist-info/METADATA': metadata('a', '1'),
          'var/lib/dpkg/info/a.list': '/usr/lib/python3/dist-packages/a-1.dist-info/METADATA\n',
        },
      },
    ],
  ],
  [
    'a jar that dpkg has a checksum of',
    ['java a:a 1 maven:usr/share/java/a.jar 0'],
    [],
    [
      {
        files: {
          'usr/share/java/a-1.jar': 'PK',
          'var/lib/dpkg/info/a.md5sums': `${'0'.repeat(32)}  usr/share/java/a-1.jar\n`,
        },
        links: { 'usr/share/java/a.jar': 'usr/share/java/a-1.jar' },
      },
    ],
    ['dpkg-owned-files'],
    [
      {
        files: { 'usr/share/java/a-1.jar': 'PK' },
        links: { 'usr/share/java/a.jar': 'usr/share/java/a-1.jar' },
      },
    ],
  ],
  [
    'a zipped egg',
    [],
    ['python a 1 python:opt/a-1.egg 0'],
    [{ files: { 'opt/a-1.egg': 'PK' } }],
    ['python-zipped-egg'],
    [{ files: { 'opt/a-1.egg': '' } }],
  ],
  [
    'a module that a folder stands in for',
    ['gobin ./a (devel) go:opt/app 0'],
    ['gobin e.com/a (devel) go:opt/app 0'],
    [{ files: { 'opt/app': 'dep\te.com/a\tv1.0.0\n=>\t./a\t(devel)\t\n' } }],
    ['go-replaced-by-folder'],
    [{ files: { 'opt/app': 'dep\te.com/a\tv1.0.0\n' } }],
  ],
  [
    'files of an rpm',
    ['gobin a 1 go:opt/app 0'],
    [],
    [{ files: { 'var/lib/rpm/rpmdb.sqlite': '\0/opt/\0app\0' } }],
    ['rpm-owned-files'],
    [{ files: { 'var/lib/rpm/rpmdb.sqlite': '\0/usr/\0app\0' } }],
  ],
  [
    'a line of os-release that is none',
    failed('osrelease: malformed line "junk"'),
    reportOf([]),
    [{ files: { 'etc/os-release': 'junk\n' } }],
    ['os-release-line'],
    [{ files: { 'etc/os-release': 'ID=x\n' } }],
  ],
  [
    'a link that leads nowhere',
    failed('failed: open usr/Packages: file does not exist'),
    reportOf([]),
    [{ links: { 'var/lib/rpm/Packages': 'usr/Packages' } }],
    ['dangling-link'],
    [{ files: { 'usr/Packages': '' }, links: { 'var/lib/rpm/Packages': 'usr/Packages' } }],
  ],
];

describe('the rules about what an image has', () => {
  for (const [what, golden, ours, layers, excused, elsewhere] of CASES) {
    it(what, () => {
      assert.deepEqual(rulesFor(golden, ours, layers), excused);
      if (elsewhere !== undefined) assert.ok(rulesFor(golden, ours, elsewhere).includes(''));
    });
  }
});
