import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rpmVersions } from '../../ecosystems/rpm/scopes/version.ts';
import { ANY_MODULE } from '../../model/advisory.ts';
import { namedReleases, type OsvOptions } from './options.ts';
import { advisoriesOf } from './record.ts';

const options: OsvOptions = {
  dump: 'Some Linux',
  scope: namedReleases(
    new Map([
      ['8', { key: 'some:8' }],
      ['9', { key: 'some:9' }],
    ]),
  ),
  versions: rpmVersions,
  ranges: ['ECOSYSTEM'],
  encodeFixed: 'text',
  kind: 'source',
  errata: true,
};

const affected = (ecosystem: string, name: string, fixed: string) => ({
  package: { ecosystem, name },
  ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }],
});

function read(record: object) {
  const problems: string[] = [];
  const context = { now: new Date('2026-01-01'), problem: (reason: string) => void problems.push(reason) };
  const base = { id: 'SLSA-2025:1', affected: [affected('Some Linux:9', 'a', '0:2-1.el9')] };
  return { advisories: advisoriesOf({ ...base, ...record }, options, context), problems };
}

describe('errata in OSV', () => {
  it('hold in the release that each package is of', () => {
    const { advisories } = read({
      affected: [
        affected('Some Linux:8', 'a', '1-1.el8'),
        affected('Some Linux:9', 'a', '1-1.el8'),
        affected('some linux:9', 'b', '1:2-1.el9'),
        affected('Some Linux:9', 'b', '1:2-1.el9'),
        affected('Some Linux:7', 'a', '1-1.el7'),
        affected('Some Linux', 'a', '1-1'),
        affected('Other:9', 'a', '1-1'),
      ],
    });
    assert.deepEqual(
      advisories.map(({ scope, kind, name, below, fixedInVersion }) => [
        scope,
        kind,
        name,
        below,
        fixedInVersion,
      ]),
      [
        ['some:8', 'source', 'a', '1-1.el8', '1-1.el8'],
        ['some:9', 'source', 'a', '1-1.el8', '1-1.el8'],
        ['some:9', 'source', 'b', '1:2-1.el9', '1:2-1.el9'],
        // A record that names no release holds for all.
        ['some:8', 'source', 'a', '1-1', '1-1'],
        ['some:9', 'source', 'a', '1-1', '1-1'],
      ],
    );
  });

  const severity = [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }];
  for (const [summary, want, normalised] of [
    ['Important: bash security update', 'Important', 'High'],
    ['Moderate: bash security update', 'Moderate', 'Medium'],
    ['low: bash', 'low', 'Low'],
    ['Critical: bash', 'Critical', 'Critical'],
    ['bash: Important', severity[0]?.score, 'Critical'],
  ] as const) {
    it(`are rated by the distribution: ${summary}`, () => {
      const [advisory] = read({ summary, severity }).advisories;
      assert.equal(advisory?.vulnerability.severity, want);
      assert.equal(advisory?.vulnerability.normalizedSeverity, normalised);
    });
  }

  it('name what they are about', () => {
    const [advisory] = read({
      upstream: ['CVE-2025-0001'],
      related: ['CVE-2025-0002', 'CVE-2025-0001', 'RHSA-2025:1'],
    }).advisories;
    assert.deepEqual(advisory?.vulnerability.aliases, ['CVE-2025-0001', 'CVE-2025-0002']);
    assert.match(advisory?.vulnerability.links ?? '', /\/CVE-2025-0001 .*\/CVE-2025-0002$/);
  });

  it('are left out where they are of no vulnerability', () => {
    const counts = [
      { id: 'SLBA-2025:1' },
      { id: 'SLEA-2025:1' },
      { id: 'SLBA-2025:1', related: ['CVE-2025-0001'] },
      { id: 'SLSA-2025:1' },
    ].map((record) => read(record).advisories.length);
    assert.deepEqual(counts, [0, 0, 1, 1]);
  });

  const MODULE = '1:20.1-1.module_el9.4.0+123+abc';
  for (const [summary, fixed, want] of [
    ['Important: nodejs:20 security update', MODULE, ['nodejs:20']],
    ['Important: nodejs:20 security update', '1:20.1-1.module+el8+1', ['nodejs:20']],
    ['Important: nodejs:20 security update', '1:20.1-1.el9', [undefined]],
    ['Moderate: virt:rhel and virt-devel:rhel security update', MODULE, ['virt:rhel', 'virt-devel:rhel']],
    ['Moderate: perl:5.32: more', MODULE, ['perl:5.32']],
    ['Moderate: nodejs security update', MODULE, [ANY_MODULE]],
    [undefined, MODULE, [ANY_MODULE]],
  ] as const) {
    it(`are of the module stream that the summary names: ${summary} ${fixed}`, () => {
      const { advisories } = read({ summary, affected: [affected('Some Linux:9', 'a', fixed)] });
      assert.deepEqual(
        advisories.map(({ module }) => module),
        want,
      );
    });
  }
});
