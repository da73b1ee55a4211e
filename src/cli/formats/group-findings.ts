/** `--group`: groups of findings. Every finding is in exactly one group. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Grouping } from '../policy/policy-options.ts';
import { type Upgrade, upgradeKey, upgradeOf } from './upgrades.ts';
import type { ReportFinding } from './view.ts';

export interface Group {
  /** At least one, in the order of the input. */
  readonly findings: readonly ReportFinding[];
  /** Highest risk of its findings. */
  readonly risk: number;
  /** The upgrade that fixes those with a fix; undefined: none has one. */
  readonly upgrade?: Upgrade;
}

const WITHOUT_FIX = 'without fix';

/**
 * Returns the groups, highest risk first. `package`: one source package in one version; `cve`: one vulnerability; `upgrade`: what one
 * upgrade fixes, most risk first, and at the end everything without a fix.
 */
export function groupFindings(
  findings: readonly ReportFinding[],
  by: Grouping,
  ecosystems: readonly Ecosystem[],
): Group[] {
  const keyOf = (finding: ReportFinding): string => {
    if (by === 'cve') return finding.id;
    return by === 'upgrade' && finding.fixedIn === '' ? WITHOUT_FIX : upgradeKey(finding);
  };
  const groups = [...Map.groupBy(findings, keyOf).values()].map((of): Group => {
    const fixes = of.filter(({ fixedIn }) => fixedIn !== '');
    return {
      findings: of,
      risk: of.reduce((most, { risk }) => Math.max(most, risk), 0),
      ...(by !== 'cve' && fixes.length > 0 && { upgrade: upgradeOf(fixes, ecosystems) }),
    };
  });
  if (by !== 'upgrade') return groups.sort((a, b) => b.risk - a.risk);
  return groups.sort((a, b) => (b.upgrade?.risk ?? -1) - (a.upgrade?.risk ?? -1));
}
