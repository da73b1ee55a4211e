/** The rules about OVAL of rpms excuse what they are for, and nothing beside it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NormalPackage, NormalVulnerability } from './normal-form.ts';
import type { Case } from './rule.ts';
import { rpmOvalRules } from './rules-rpm-feeds-oval.ts';

const KSPLICE = '2:1.0.2k-16.0.1.ksplice1.el7';

function isExcused(
  updater: string,
  version: string,
  fixed: string,
  side: 'missing' | 'extra' = 'extra',
): boolean {
  const vulnerability = { fields: { updater, fixed_in_version: fixed } } as unknown as NormalVulnerability;
  const ours = { detector: 'rpm', name: 'openssl-libs', version, module: '' } as unknown as NormalPackage;
  const atom = { atom: 'vulnerability', side, vulnerability, golden: ours, ours } as const;
  return rpmOvalRules.some((rule) => rule.explains(atom, {} as Case));
}

describe('the rule about Ksplice builds of Oracle Linux', () => {
  it('excuses their own advisories', () =>
    assert.ok(isExcused('oracle-2018-updater', '2:1.0.2k-15.0.1.ksplice1.el7', KSPLICE)));
  for (const [what, excused] of [
    ['stock builds', isExcused('oracle-2018-updater', '1:1.0.2k-15.el7', KSPLICE)],
    ['stock fixes', isExcused('oracle-2018-updater', KSPLICE, '1:1.0.2k-16.el7')],
    ['other feeds', isExcused('suse-updater-15', KSPLICE, KSPLICE)],
    ['one that we lack', isExcused('oracle-2018-updater', KSPLICE, KSPLICE, 'missing')],
  ] as const) {
    it(`does not excuse ${what}`, () => assert.equal(excused, false));
  }
});
