/** The rules about vulnerabilities of rpms excuse what they are for, and nothing beside it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NormalEnvironment, NormalPackage, NormalVulnerability } from './normal-form.ts';
import type { Case } from './rule.ts';
import { rpmFeedRules } from './rules-rpm-feeds.ts';

const vulnerability = (name: string) => ({ fields: { name } }) as unknown as NormalVulnerability;
const environment = (packageDb: string) => ({ packageDb }) as NormalEnvironment;

function pkg(
  databases: readonly string[],
  vulnerabilities: readonly string[],
  detector = 'rpm',
): NormalPackage {
  return {
    detector,
    environments: databases.map(environment),
    vulnerabilities: vulnerabilities.map(vulnerability),
  } as unknown as NormalPackage;
}

function isExcused(
  golden: NormalPackage,
  ours: NormalPackage,
  side: 'missing' | 'extra' = 'missing',
): boolean {
  const atom = { atom: 'vulnerability', side, vulnerability: vulnerability('A'), golden, ours } as const;
  return rpmFeedRules.some((rule) => rule.explains(atom, {} as Case));
}

describe('the rule about vulnerabilities of rpms in several databases', () => {
  const golden = pkg(['ndb:a', 'ndb:a', 'sqlite:b'], ['A', 'A']);
  it('excuses that one is told once', () => assert.ok(isExcused(golden, pkg(['ndb:a'], ['A', 'B']))));
  for (const [what, excused] of [
    ['none', isExcused(golden, pkg(['ndb:a'], ['B']))],
    ['more', isExcused(golden, pkg(['ndb:a'], ['A']), 'extra')],
    ['one database', isExcused(pkg(['ndb:a', 'ndb:a'], ['A', 'A']), pkg(['ndb:a'], ['A']))],
    ['more often than databases', isExcused(pkg(['a', 'b'], ['A', 'A', 'A']), pkg(['a'], ['A']))],
    ['other packages', isExcused(golden, pkg(['ndb:a'], ['A'], 'dpkg'))],
  ] as const) {
    it(`does not excuse ${what}`, () => assert.equal(excused, false));
  }
});
