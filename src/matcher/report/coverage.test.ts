import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseOf } from '../../enrichers/end-of-life/releases.ts';
import { tagOf } from '../../enrichers/end-of-life/supports.ts';
import { TABLE } from '../../enrichers/end-of-life/table.ts';
import type { Digest } from '../../model/digest.ts';
import type { IndexedPackage, IndexReport } from '../../model/index-report.ts';
import { type Distribution, NO_DISTRIBUTION, PROGRAM_DETECTOR, type Problem } from '../../model/package.ts';
import type { Supports } from '../matching/support.ts';
import { coverageOf, gapsOf } from './coverage.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const layer = `sha256:${'a'.repeat(64)}` as Digest;

function distribution(did: string, versionId: string): Distribution {
  return { ...NO_DISTRIBUTION, did, versionId, prettyName: `${did} ${versionId}` };
}

const LOADED = {
  id: 1,
  key: 's',
  distribution: null,
  repository: null,
  feed: 'f',
  row_count: 1,
  problem_count: 0,
  last_success: NOW,
  last_error: null,
  next_try: null,
  vanished_at: null,
};

/** A report of one package of `system`, and all that its scope needs is loaded. */
function verdictOf(
  system: Distribution,
  more: Partial<IndexReport> = {},
  supports: Supports = new Map(
    [releaseOf(system) ?? []].flat().flatMap(({ product, cycle }) => {
      const support = TABLE.get(product)?.get(cycle);
      return support === undefined ? [] : [[tagOf({ product, cycle }), support] as const];
    }),
  ),
) {
  const report: IndexReport = {
    manifestHash: layer,
    state: 'IndexFinished',
    success: true,
    err: '',
    packages: [
      {
        package: { name: 'a', version: '1', kind: 'binary' },
        environments: [{ packageDb: 'db', introducedIn: layer, distribution: system }],
      },
    ],
    distributions: [system],
    repositories: [],
    problems: [],
    ...more,
  };
  const matches = {
    scopes: [LOADED],
    scopesOfPackages: [[['s']]],
    scopesOfDistributions: [['s']],
    problems: [],
    guessed: new Map(),
    supports,
  };
  return coverageOf(report, matches, NOW);
}

describe('the verdict on a distribution', () => {
  const cases: [did: string, version: string, incomplete: string[], notices: RegExp[]][] = [
    ['debian', '13', [], []],
    ['debian', '12', [], [/ended on 2026-06-10, LTS until 2028-06-30$/]],
    ['debian', '8', ['end-of-life'], []],
    ['alpine', '3.12', ['end-of-life'], []],
    ['alpine', '3.99', [], []],
    ['ubuntu', '18.04', [], [/ESM until 2028-04-30$/]],
    ['ubuntu', '16.04', [], [/ESM until 2026-04-30, Legacy Support until 2031-04-30$/]],
    ['rhel', '7', [], [/ELS until 2028-06-30$/]],
    ['wolfi', '20230201', [], []],
  ];
  for (const [did, version, incomplete, notices] of cases) {
    it(`${did} ${version}: ${incomplete.join() || 'complete'}`, () => {
      const verdict = verdictOf(distribution(did, version));
      assert.deepEqual(
        verdict.incomplete.map(({ kind }) => kind),
        incomplete,
      );
      assert.equal(verdict.notices.length, notices.length);
      for (const [index, notice] of notices.entries()) assert.match(verdict.notices[index]!.reason, notice);
    });
  }

  it('says when the support ended, and of how many packages', () => {
    assert.deepEqual(verdictOf(distribution('alpine', '3.12')).incomplete, [
      {
        kind: 'end-of-life',
        what: 'alpine 3.12',
        where: '',
        reason: 'support ended on 2022-05-01: it gets no new advisories',
        count: 1,
        packages: 1,
      },
    ]);
  });

  it('is a notice for what an SBOM of others names', () => {
    const verdict = verdictOf(distribution('alpine', '3.12'), { origin: 'sbom' });
    assert.deepEqual(verdict.incomplete, []);
    assert.match(verdict.notices[0]!.reason, /2022-05-01/);
  });

  it('is a notice for a program', () => {
    const detector = `${PROGRAM_DETECTOR}:1:package`;
    const node: IndexedPackage = {
      package: { name: 'node', version: '16.20.2', kind: 'binary', detector },
      environments: [{ packageDb: 'program:usr/local/bin/node', introducedIn: layer }],
    };
    const supports = new Map([
      [tagOf({ product: 'nodejs', cycle: '16' }), { until: '2023-09-11', extended: [] }],
    ]);
    const verdict = verdictOf(distribution('debian', '13'), { packages: [node] }, supports);
    assert.deepEqual(
      verdict.incomplete.map(({ kind }) => kind),
      ['no-package-database'],
    );
    assert.deepEqual(
      verdict.notices.map(({ kind, what, where }) => [kind, what, where]),
      [['end-of-life', 'node 16.20.2', 'usr/local/bin/node']],
    );
  });

  it('reports a program whose version cannot be determined', () => {
    const problem: Problem = {
      source: PROGRAM_DETECTOR,
      where: 'usr/local/bin/node',
      reason: 'node: of a version that cannot be determined',
      kind: 'unchecked-program',
    };
    const { incomplete } = verdictOf(distribution('debian', '13'), { problems: [problem] });
    assert.deepEqual(
      incomplete.map(({ kind, where }) => [kind, where]),
      [['unchecked-program', 'usr/local/bin/node']],
    );
  });

  it('names each program that no feed speaks of', () => {
    const gaps = gapsOf(
      {
        packages: ['bash', 'node'].map((name) => ({
          package: { name, version: '1.2', kind: 'binary', detector: `${PROGRAM_DETECTOR}:1:package` },
          environments: [],
        })),
        distributions: [],
      },
      {
        scopes: [{ ...LOADED, key: 'bitnami', feed: 'osv/bitnami', last_success: null }],
        scopesOfPackages: [[['program:bash']], [['bitnami']]],
        scopesOfDistributions: [],
      },
    );
    assert.deepEqual(
      gaps.map(({ kind, what, packages }) => [kind, what, packages]),
      [
        ['no-feed', 'bash 1.2', 1],
        ['feed-not-loaded', 'node 1.2', 1],
      ],
    );
  });
});
