import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DistributionWire, IndexReportWire } from '../../model/index-report-wire.ts';
import { nothingFound } from './nothing-found.ts';
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
    ['dir', {}, /root of a system/],
    ['dir', withPackage, undefined],
    ['dir', withSystem, undefined],
    ['dir', withProblem, /not everything could be read/],
    ['oci', {}, undefined],
    ['registry', {}, undefined],
    ['sbom', {}, /scan the image itself/],
    ['sbom', withSystem, undefined],
    ['oci', withProblem, /not everything could be read/],
    ['oci', { ...withProblem, ...withPackage }, undefined],
  ];
  for (const [kind, parts, reason] of cases) {
    it(`${kind} with ${Object.keys(parts).join(' and ') || 'nothing'}`, () => {
      const [entry, ...rest] = nothingFound({ name: 'src', kind }, { ...empty, ...parts });
      assert.deepEqual(rest, []);
      assert.deepEqual([entry?.what, entry?.packages], reason ? ['src', 0] : [undefined, undefined]);
      if (reason) assert.match(entry!.reason, reason);
    });
  }
});
