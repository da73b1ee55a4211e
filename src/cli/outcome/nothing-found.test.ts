import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DistributionWire, IndexReportWire } from '../../model/index-report-wire.ts';
import { withNothingFound } from './nothing-found.ts';
import { packageWire } from './scan-result.fixture.ts';

const empty: IndexReportWire = {
  manifest_hash: `sha256:${'0'.repeat(64)}`,
  state: 'IndexFinished',
  packages: {},
  distributions: {},
  repository: {},
  environments: {},
  success: true,
  err: '',
};
const withPackage = { packages: { 1: packageWire('a', '1') } };
const withSystem = { distributions: { 1: { id: '1', did: 'alpine' } as DistributionWire } };
const withProblem = { problems: [{ source: 'rpm', where: 'var/lib/rpm/Packages', reason: 'damaged' }] };

describe('a target in which nothing was found', () => {
  const cases: [kind: string, parts: Partial<IndexReportWire>, reason: RegExp | undefined][] = [
    ['dir', {}, /root file system/],
    ['dir', withPackage, undefined],
    ['dir', withSystem, undefined],
    ['dir', withProblem, /root file system/],
    ['oci', {}, undefined],
    ['registry', {}, undefined],
    ['sbom', {}, /scan the image itself/],
    ['sbom', withSystem, undefined],
    ['oci', withProblem, undefined],
  ];
  for (const [kind, parts, reason] of cases) {
    it(`${kind} with ${Object.keys(parts).join(' and ') || 'nothing'}`, () => {
      const index = { ...empty, ...parts };
      const problems = withNothingFound({ name: 'src', kind }, index).problems ?? [];
      const added = problems.slice(index.problems?.length ?? 0);
      assert.deepEqual(
        added.map(({ where, kind: what }) => [where, what]),
        reason ? [['src', 'nothing-found']] : [],
      );
      if (reason) assert.match(added[0]!.reason, reason);
    });
  }
});
