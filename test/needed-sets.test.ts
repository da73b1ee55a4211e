/** Law of sets of feeds: an image needs those that speak of what is looked up for it, and no others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../src/ecosystems/index.ts';
import { setsOf } from '../src/ecosystems/needed-sets.ts';
import { isOfScopes } from '../src/ecosystems/scopes.ts';
import type { IndexReport } from '../src/model/index-report.ts';
import { type Distribution, NO_DISTRIBUTION, type Repository } from '../src/model/package.ts';
import { readSamples } from './ecosystems.fixture.ts';

const SAMPLES = await readSamples();

/** A report of one package. */
function report(did: string, versionId: string, name = 'lab', repository?: Repository): IndexReport {
  const distribution: Distribution = { ...NO_DISTRIBUTION, did, versionId, version: versionId };
  return {
    manifestHash: 'sha256:0' as never,
    state: 'IndexFinished',
    success: true,
    err: '',
    packages: [
      {
        package: { name, version: '1.22-1', kind: 'binary' },
        environments: [
          {
            packageDb: 'db',
            introducedIn: 'sha256:0' as never,
            distribution,
            ...(repository && { repositories: [repository] }),
          },
        ],
      },
    ],
    distributions: [distribution],
    repositories: [],
    problems: [],
  };
}

describe('the sets that an image needs', () => {
  const epel = { name: 'epel-9', key: 'epel', uri: 'https://dl.fedoraproject.org/pub/epel/9/' };
  const cases: [report: IndexReport, sets: string[]][] = [
    [report('alpine', '3.20'), ['alpine']],
    [report('wolfi', '20230201'), ['wolfi']],
    [report('minimos', '20260101'), ['minimos']],
    [report('alpaquita', '23'), ['osv']],
    [report('debian', '12'), ['debian']],
    [report('echo', '1'), ['echo']],
    [report('fedora', '43'), ['fedora']],
    [report('almalinux', '9.4'), ['osv']],
    [report('almalinux', '9.4', 'htop', epel), ['epel', 'osv']],
    [report('azurelinux', '3.0'), ['azure']],
    [report('amzn', '2023'), ['aws']],
    [report('amzn', '2', 'nginx'), ['aws', 'aws-extras']],
    [report('sles', '15'), ['suse']],
    [report('sles', '16.0'), ['osv', 'suse']],
    [report('bottlerocket', '1.34.0'), ['bottlerocket']],
    [report('rhel', '9'), ['rhel-vex']],
    [report('plan9', '4'), []],
  ];
  for (const [each, sets] of cases) {
    const [{ did, versionId } = NO_DISTRIBUTION] = each.distributions;
    it(`${did} ${versionId} ${each.packages[0]?.package.name}: ${sets.join(', ') || 'none'}`, () => {
      assert.deepEqual(setsOf(each, ecosystems).sort(), sets);
    });
  }

  for (const { of: id, says } of SAMPLES.values()) {
    it(`are all that speak of a scope of ${id}`, () => {
      const { feeds } = ecosystems.find((each) => each.id === id)!;
      for (const [set, all] of Object.entries(says)) {
        const hints = feeds.filter((each) => each.set === set).map(({ scopes }) => scopes);
        for (const { scope } of all)
          assert.ok(
            hints.some((hint) => hint === undefined || isOfScopes(hint, scope.key)),
            `${set}: ${scope.key}`,
          );
      }
    });
  }
});
