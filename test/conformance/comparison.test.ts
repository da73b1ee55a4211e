/** The comparison itself: what it must see, and what it must not take for a difference. Works on answers made here. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Atom, describeAtom, differences } from './atoms.ts';
import { DEFAULT_CORPUS, hasCorpus, readImages } from './corpus.ts';
import { readDpkgRecords } from './layers.ts';
import { normalise, type RawReport } from './normal-form.ts';
import { isAffected } from './osv-evidence.ts';
import { cutToAbilities } from './scope.ts';
import { ourEvidence } from './session.ts';
import { judgeIndex, judgeReport } from './verdict.ts';

const TYPE = 'message/vnd.clair.map.vulnerability; enricher=clair.cvss schema=x';

/** A report of two packages and three vulnerabilities, with ids from `base` on and lists turned round if `turned`. */
function makeReport({ base = 1, turned = false } = {}): RawReport {
  const id = (n: number) => String(base + n);
  const order = <T>(list: T[]): T[] => (turned ? list.reverse() : list);
  const vulnerability = (name: string, n: number) => ({
    id: id(n),
    updater: 'debian/updater',
    name,
    links: `https://example.org/${name}`,
    package: { id: '', name: 'curl', kind: 'source' },
    fixed_in_version: '8.0',
    ...(turned && { Self: { Space: {} }, aliases: ['x'] }),
  });
  return {
    manifest_hash: 'sha256:00',
    state: 'IndexFinished',
    success: true,
    packages: Object.fromEntries(
      order([
        [
          id(1),
          {
            name: 'curl',
            version: '7.0-1',
            kind: 'binary',
            arch: 'amd64',
            detector: `urn:claircore:detector:dpkg:${turned ? 9 : 7}:package`,
            source: { name: 'curl', version: '7.0' },
          },
        ],
        [
          id(2),
          {
            name: 'six',
            version: '1.0',
            kind: 'binary',
            detector: 'urn:claircore:detector:python:5:package',
            source: { name: '', version: '' },
          },
        ],
      ]),
    ),
    distributions: { [id(7)]: { id: id(7), did: 'debian', name: 'Debian' } },
    repository: {
      [id(8)]: { id: id(8), name: 'pypi' },
      [id(9)]: { id: id(9), name: 'other' },
    },
    environments: {
      [id(1)]: [
        {
          package_db: 'var/lib/dpkg/status',
          introduced_in: 'sha256:01',
          distribution_id: id(7),
          repository_ids: null,
        },
      ],
      [id(2)]: [
        {
          package_db: 'python:usr',
          introduced_in: 'sha256:02',
          distribution_id: '',
          repository_ids: order([id(8), id(9)]),
        },
      ],
    },
    vulnerabilities: Object.fromEntries(
      order([
        [id(4), vulnerability('CVE-2024-0001', 4)],
        [id(5), vulnerability('CVE-2024-0002', 5)],
      ]),
    ),
    package_vulnerabilities: { [id(1)]: order([id(4), id(5)]) },
    enrichments: { [TYPE]: [{ [id(4)]: [{ baseScore: 9, version: '3.1' }] }] },
  };
}

/** A copy of the report in which `change` was made. */
function changed(change: (report: ReturnType<typeof structuredClone>) => void): RawReport {
  const copy = structuredClone(makeReport()) as RawReport;
  change(copy);
  return copy;
}

function compare(golden: RawReport, ours: RawReport): string[] {
  return differences(normalise(golden), normalise(ours)).map(shortly);
}

function shortly(atom: Atom): string {
  const name = atom.atom === 'package' ? atom.package.name : 'field' in atom ? atom.field : '';
  return ['atom' in atom && atom.atom, 'side' in atom && atom.side, name].filter(Boolean).join(' ');
}

describe('the comparison of reports', () => {
  it('sees no difference in ids, orders, detector revisions and keys of one side', () => {
    assert.deepEqual(compare(makeReport(), makeReport({ base: 500, turned: true })), []);
  });

  // biome-ignore lint/suspicious/noExplicitAny: reports are changed at will here
  const cases: [string, (report: any) => void, string[]][] = [
    ['a missing package', (r) => delete r.packages['3'], ['package missing six']],
    ['an extra package', (r) => (r.packages['77'] = { ...r.packages['3'], name: 'x' }), ['package extra x']],
    ['another version', (r) => (r.packages['3'].version = '2'), ['field version']],
    ['another source', (r) => (r.packages['2'].source.version = '9'), ['field source']],
    [
      'another detector',
      (r) => (r.packages['2'].detector = 'urn:claircore:detector:apk:1:package'),
      ['package missing curl', 'package extra curl'],
    ],
    [
      'another layer',
      (r) => (r.environments['2'][0].introduced_in = 'sha256:09'),
      ['environment missing', 'environment extra'],
    ],
    [
      'no repositories for null',
      (r) => (r.environments['2'][0].repository_ids = []),
      ['environment missing', 'environment extra'],
    ],
    ['a distribution', (r) => (r.distributions['99'] = { did: 'x' }), ['distribution extra']],
    ['a vulnerability less', (r) => r.package_vulnerabilities['2'].pop(), ['vulnerability missing']],
    ['a vulnerability twice', (r) => r.package_vulnerabilities['2'].push('5'), ['vulnerability extra']],
    [
      'another fixed version',
      (r) => (r.vulnerabilities['5'].fixed_in_version = '9'),
      ['vulnerability-field fixed_in_version'],
    ],
    [
      'another name',
      (r) => (r.vulnerabilities['6'].name = 'X'),
      ['vulnerability missing', 'vulnerability extra'],
    ],
    ['an id of nothing', (r) => r.package_vulnerabilities['2'].push('404'), ['vulnerability extra']],
    ['no enrichment', (r) => (r.enrichments = {}), ['enrichment missing']],
    [
      'another score',
      (r) => (r.enrichments[TYPE][0]['5'] = [{ baseScore: 1 }]),
      ['enrichment missing', 'enrichment extra'],
    ],
  ];
  for (const [what, change, want] of cases) {
    it(`sees ${what}`, () => assert.deepEqual(compare(makeReport(), changed(change as never)), want));
  }

  it('says each difference in one line', () => {
    for (const [, change] of cases) {
      for (const atom of differences(normalise(makeReport()), normalise(changed(change as never)))) {
        assert.match(describeAtom(atom), /^[^\n]+$/);
      }
    }
  });

  it('leaves out what needs a detector that is not there, and the repositories that only that one names', () => {
    const { report, notYet } = cutToAbilities(normalise(makeReport()), { detectors: new Set(['dpkg']) });
    assert.deepEqual(
      report.packages.map(({ name }) => name),
      ['curl'],
    );
    assert.deepEqual(report.repositories, []);
    assert.deepEqual(report.distributions, [], 'the debian detector is not there either');
    assert.deepEqual(notYet, ['python']);
  });
});

describe('the second reader of dpkg records', () => {
  it('finds source and end', () => {
    const text =
      'Package: a\nVersion: 1\nArchitecture: all\nSource: s (2)\n\nPackage: b\nVersion: 3\nArchitecture: all';
    assert.deepEqual(
      readDpkgRecords(text).map(({ source, unterminated }) => [source, unterminated]),
      [
        ['s 2', false],
        ['b 3', true],
      ],
    );
  });
});

describe('the second reader of OSV', () => {
  const order = (a: string, b: string) => Number(a) - Number(b);
  const advisory = (entry: object) => ({
    id: 'X',
    affected: [{ package: { ecosystem: 'PyPI', name: 'Foo_Bar' }, ...entry }],
  });
  const cases: [object, string, boolean][] = [
    [{ versions: ['3'] }, '3', true],
    [{ versions: ['3'] }, '4', false],
    [{ ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '5' }] }] }, '4', true],
    [{ ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '5' }] }] }, '5', false],
    [{ ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '2' }, { last_affected: '5' }] }] }, '5', true],
    [{ ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '2' }, { last_affected: '5' }] }] }, '6', false],
    [
      { ranges: [{ type: 'ECOSYSTEM', events: [{ fixed: '5' }, { introduced: '7' }, { introduced: '2' }] }] },
      '8',
      true,
    ],
    [{ ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }, '8', false],
  ];
  for (const [entry, version, want] of cases) {
    it(`says ${want} of ${version} for ${JSON.stringify(entry)}`, () => {
      assert.equal(isAffected(advisory(entry), { ecosystem: 'pypi', name: 'foo-bar', version }, order), want);
    });
  }

  it('says nothing of another package', () => {
    assert.equal(isAffected(advisory({}), { ecosystem: 'pypi', name: 'x', version: '1' }, order), undefined);
  });
});

const skip = hasCorpus(DEFAULT_CORPUS)
  ? false
  : 'the recorded answers of Clair are not beside this repository';

describe('recorded answers', { skip }, () => {
  const images = skip === false ? readImages(DEFAULT_CORPUS) : [];
  const detectors = new Set([
    'debian',
    'ubuntu',
    'alpine',
    'dpkg',
    'dpkg-distroless',
    'apk',
    'python',
    'gobin',
  ]);
  const evidence = { ...ourEvidence(DEFAULT_CORPUS), abilities: { detectors } };

  it('equal themselves', () => {
    for (const image of images) {
      const { golden } = image;
      const kept = (report: RawReport): RawReport => ({
        ...report,
        packages: Object.fromEntries(
          Object.entries(report.packages ?? {}).filter(([, { detector }]) =>
            detectors.has(detector?.split(':')[3] ?? ''),
          ),
        ),
      });
      const answers = {
        postStatus: golden.postStatus,
        index: kept(golden.index),
        vulnerabilityStatus: golden.vulnerabilityStatus,
        vulnerability: golden.vulnerability && kept(golden.vulnerability),
      };
      for (const judge of [judgeIndex, judgeReport]) {
        const { wrong } = judge(image, answers, evidence);
        // What was cut from one side only: their repositories and distributions.
        assert.deepEqual(
          wrong.filter((line) => !/^extra (repository|distribution)/.test(line)),
          [],
          image.name,
        );
      }
    }
  });

  it('are not excused when a package is taken away or changed', () => {
    for (const image of images) {
      const packages = Object.entries(image.golden.index.packages ?? {});
      const own = packages.find(([, { detector }]) => /:(dpkg|apk|python|gobin):/.test(detector ?? ''));
      if (own === undefined) continue;
      const [id, pkg] = own;
      const without = Object.fromEntries(packages.filter(([other]) => other !== id));
      for (const index of [
        { ...image.golden.index, packages: without },
        {
          ...image.golden.index,
          packages: { ...without, [id]: { ...pkg, version: `${pkg.version}.1.wrong` } },
        },
        { ...image.golden.index, packages: { ...without, [id]: { ...pkg, name: 'nonsense' } } },
      ]) {
        const answers = {
          postStatus: image.golden.postStatus,
          index,
          vulnerabilityStatus: 404,
          vulnerability: undefined,
        };
        assert.notDeepEqual(judgeIndex(image, answers, evidence).wrong, [], image.name);
      }
    }
  });

  it('are not excused when a finding is taken away, made up or changed', () => {
    let judged = 0;
    for (const image of images) {
      const { golden } = image;
      const report = golden.vulnerability;
      const [packageId, ids = []] =
        Object.entries(report?.package_vulnerabilities ?? {}).find(([id]) => {
          const pkg = report?.packages?.[id];
          return /:(dpkg|apk):/.test(pkg?.detector ?? '') && pkg?.version === pkg?.source?.version;
        }) ?? [];
      const id = ids.find((key) => !/\s/.test(String(report?.vulnerabilities?.[key]?.name)));
      if (report === undefined || packageId === undefined || id === undefined) continue;
      judged += 1;
      const findings = report.package_vulnerabilities ?? {};
      const vulnerability = report.vulnerabilities?.[id];
      const others = ids.filter((key) => key !== id);
      const enrichments =
        Object.keys(report.enrichments ?? {}).length > 0 ? [{ ...report, enrichments: {} }] : [];
      for (const changed of [
        ...enrichments,
        { ...report, package_vulnerabilities: { ...findings, [packageId]: others } },
        { ...report, package_vulnerabilities: { ...findings, [packageId]: [...ids, 'made up'] } },
        {
          ...report,
          vulnerabilities: {
            ...report.vulnerabilities,
            [id]: { ...vulnerability, fixed_in_version: '0-wrong' },
          },
        },
      ]) {
        const answers = {
          postStatus: 201,
          index: golden.index,
          vulnerabilityStatus: 200,
          vulnerability: changed,
        };
        assert.notDeepEqual(judgeReport(image, answers, evidence).wrong, [], image.name);
      }
    }
    assert.ok(judged > 0);
  });
});
