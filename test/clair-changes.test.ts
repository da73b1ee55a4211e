/**
 * What Clair changed since 4.9 where a later reader of its sources would look first (docs/reference/clair-changes.md): each name says what Clair
 * does now, and the test what is done here.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Detection } from '../src/contract/detector.ts';
import type { VersionScheme } from '../src/contract/version-scheme.ts';
import { byPath, newestDatabase } from '../src/ecosystems/coalesce.ts';
import { decide, type Verdict } from '../src/ecosystems/decide.ts';
import { goVersions } from '../src/ecosystems/go/version.ts';
import { npmVersions } from '../src/ecosystems/node/version.ts';
import { rhctag } from '../src/ecosystems/redhat/containers/version.ts';
import { vexReader } from '../src/ecosystems/redhat/vex/advisories.ts';
import { vexFixture } from '../src/ecosystems/redhat/vex/csaf.fixture.ts';
import { type ProductStatus, readCsafDocument } from '../src/ecosystems/redhat/vex/csaf.ts';
import { readForeign } from '../src/formats/clair/vulnerability-wire.ts';
import { advisoriesOf } from '../src/formats/osv/record.ts';
import type { Advisory } from '../src/model/advisory.ts';
import type { Digest } from '../src/model/digest.ts';

/** The strongest that `advisories` say of a version: what cannot be told is never silent. */
function verdictOf(versions: VersionScheme, version: string, advisories: readonly Advisory[]): Verdict {
  const verdicts = advisories.map((advisory) => decide(versions, version, advisory));
  return (
    verdicts.find((each) => each === 'affected') ??
    verdicts.find((each) => each === 'unknown') ??
    'unaffected'
  );
}

/** What a VEX document says that has each of `purls` in one product. */
function vex(purls: readonly string[], status: ProductStatus): Advisory[] {
  const ids = purls.map((_, index) => `p${index}`);
  const reader = vexReader({
    problem: ({ reason }) => assert.fail(reason),
    ignoreKernel: false,
    folder: 'https://example.com/vex/',
    met: () => {},
  });
  const json = vexFixture({
    id: 'CVE-2031-1',
    platforms: { platform: 'cpe:/a:redhat:quay:3::el8' },
    purls: Object.fromEntries(purls.map((purl, index) => [ids[index]!, purl])),
    components: Object.fromEntries(ids.map((id) => [`platform:${id}`, [id, 'platform'] as const])),
    status: { [status]: ids.map((id) => `platform:${id}`) },
  });
  return reader(readCsafDocument(json));
}

const container = (tag: string): string =>
  `pkg:oci/app@sha256%3Aab${tag}?arch=amd64&repository_url=registry.example.com/team/app${tag && `&tag=${tag}`}`;

describe('containers of Red Hat', () => {
  const fixed = vex([container('1744596866')], 'fixed');
  for (const [version, want] of [
    ['1744596865', 'affected'],
    ['1744596865-7', 'affected'],
    ['1744596866', 'unaffected'],
    ['1744596866-0', 'unaffected'],
    ['1744596867', 'unaffected'],
  ] as const)
    it(`Clair compares tags that are times as if they had release 0: ${version} is ${want}`, () =>
      assert.equal(verdictOf(rhctag, version, fixed), want));

  it('Clair reports container vulnerabilities without a fix: of every version', () => {
    const unfixed = vex([container('')], 'known_affected');
    assert.deepEqual(
      unfixed.map(({ fixedInVersion }) => fixedInVersion),
      [''],
    );
    for (const version of ['1744596866', 'v4.6.0-9', 'not a version'])
      assert.equal(verdictOf(rhctag, version, unfixed), 'affected');
  });

  for (const status of ['fixed', 'known_not_affected'] as const)
    it(`Clair skips src and nosrc in ${status}: they do not widen what is of one architecture`, () => {
      const of = (arch: string): string => `pkg:rpm/redhat/lib@1-2?arch=${arch}`;
      const found = vex([of('src'), of('x86_64'), of('nosrc')], status);
      assert.deepEqual(
        found.map(({ name, arches, kind }) => [name, arches, kind]),
        [['lib', ['amd64', 'x86_64'], 'binary']],
      );
      assert.deepEqual(vex([of('src'), of('nosrc')], status), []);
    });
});

describe('OSV', () => {
  const LANGUAGES = { Go: goVersions, npm: npmVersions };
  function read(
    dump: keyof typeof LANGUAGES,
    affected: readonly object[],
  ): { all: Advisory[]; problems: string[] } {
    const problems: string[] = [];
    const options = {
      dump,
      scope: { key: dump },
      versions: LANGUAGES[dump],
      ranges: ['SEMVER', 'ECOSYSTEM'] as const,
      encodeFixed: 'text' as const,
    };
    const context = { now: new Date(0), problem: (reason: string) => problems.push(reason) };
    return { all: advisoriesOf({ id: 'GHSA-1', affected }, options, context), problems };
  }
  const range = (type: string, fixed: string): object => ({
    ranges: [{ type, events: [{ introduced: '0' }, { fixed }] }],
  });

  it('Clair skips what is about another ecosystem than that of the file', () => {
    const { all, problems } = read('npm', [
      { package: { ecosystem: 'PyPI', name: 'widget' }, ...range('ECOSYSTEM', '2') },
      { package: { ecosystem: 'Go', name: 'widget' }, ...range('SEMVER', '2.0.0') },
      { package: { ecosystem: 'npm', name: 'widget' }, ...range('SEMVER', '1.5.0') },
    ]);
    assert.deepEqual(
      all.map(({ name, below }) => [name, below]),
      [['widget', '1.5.0']],
    );
    assert.deepEqual(problems, []);
  });

  for (const [dump, fixed, version, want] of [
    ['Go', '1.5.0', 'v1.4.9', 'affected'],
    ['Go', '1.5.0', 'v1.5.0', 'unaffected'],
    ['npm', '1.5.0', '1.4.9', 'affected'],
    ['npm', '1.5.0', '1.5.0', 'unaffected'],
    // calendars are no SemVer: npm reads the zero over, and what Go cannot order is undecided, not absent
    ['npm', '2026.04.1', '0.260.0', 'affected'],
    ['npm', '2026.04.1', '2026.04.1', 'unaffected'],
    ['Go', '2026.04.1', 'v0.260.0', 'unknown'],
  ] as const)
    it(`Clair skips ECOSYSTEM ranges of ${dump}, here ${version} is ${want} with a fix in ${fixed}`, () => {
      const { all } = read(dump, [{ package: { ecosystem: dump, name: 'm' }, ...range('ECOSYSTEM', fixed) }]);
      assert.equal(verdictOf(LANGUAGES[dump], version, all), want);
    });
});

describe('whiteouts', () => {
  const digest = (index: number): Digest => `sha256:${String(index).repeat(64)}` as Digest;
  const at = (name: string, path: string): Detection => ({
    found: 'package',
    package: { name, version: '1', kind: 'binary', database: path, path },
  });
  /** What is left of `found` in the first layer below one with `whiteouts`. */
  function left(
    coalesce: typeof byPath,
    found: readonly Detection[],
    whiteouts: readonly string[],
  ): string[] {
    const { packages } = coalesce([
      {
        layer: digest(1),
        whiteouts: [],
        found: found.map((each) => ({ ...each, detector: 'test:1:package' })),
      },
      { layer: digest(2), whiteouts, found: [] },
    ]);
    return packages.map(({ package: { name } }) => name);
  }
  const apps = [
    at('a', 'opt/a/x.jar'),
    at('b', 'opt/b/x.jar'),
    at('c', 'srv/c/x.jar'),
    at('d', 'opt/ab/x.jar'),
  ];

  for (const [what, whiteouts, want] of [
    ['of a file', ['opt/a/x.jar'], ['b', 'c', 'd']],
    ['of a directory, not of its namesake', ['opt/a'], ['b', 'c', 'd']],
    ['several in one layer', ['opt/a', 'srv/c/x.jar'], ['b', 'd']],
    ['an opaque directory', ['opt/'], ['c']],
    ['opaque and single ones', ['opt/', 'srv/c'], []],
    ['an opaque root', ['/'], []],
    ['of what never was', ['usr'], ['a', 'b', 'c', 'd']],
  ] as const)
    it(`Clair honors every whiteout of a layer: ${what}`, () =>
      assert.deepEqual(left(byPath, apps, whiteouts).sort(), want));

  it('Clair does not count them for databases of packages, which is done here', () => {
    const installed = [at('bash', 'var/lib/dpkg/status')];
    for (const whiteout of ['var/lib/dpkg/status', 'var/lib/dpkg/', 'var', '/'])
      assert.deepEqual(left(newestDatabase, installed, [whiteout]), []);
    assert.deepEqual(left(newestDatabase, installed, ['var/lib/dpkg-old', 'usr/']), ['bash']);
  });
});

describe('vulnerabilities of another Clair', () => {
  const base = {
    name: 'CVE-2031-1',
    normalized_severity: 'High',
    package: { name: 'foo', kind: 'source' },
    fixed_in_version: '1',
  };
  const aliases = (tail: object): readonly string[] | undefined =>
    readForeign({ ...base, ...tail }).vulnerability.aliases;

  it('Clair writes aliases with "space" and "name": they are read', () =>
    assert.deepEqual(
      aliases({
        Self: { space: 'CVE', name: '2031-1' },
        Aliases: [
          { space: 'GHSA', name: 'ab-cd' },
          { space: 'https://example.com/id/', name: '7' },
        ],
      }),
      ['GHSA-ab-cd', 'https://example.com/id/7'],
    ));
  it('Clair 4.9 wrote {} for a space: it is no alias', () =>
    assert.equal(aliases({ Self: { Space: {}, Name: '' }, Aliases: null }), undefined));
});
