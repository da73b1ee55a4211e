/** `--group`: findings by what they have in common. Every finding is in exactly one group. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Grouping } from '../policy/policy-options.ts';
import { type Upgrade, upgradeKey, upgradeOf } from './upgrades.ts';
import type { ReportFinding } from './view.ts';

export interface Group {
  /** Never empty, in the order that they had. */
  readonly findings: readonly ReportFinding[];
  /** The highest of any. */
  readonly risk: number;
  /** What takes away those of it that have a fix; undefined: none has. */
  readonly upgrade?: Upgrade;
}

const WITHOUT_FIX = 'without fix';

/**
 * The groups with the highest risk first. `package`: of one source in one version; `cve`: of one vulnerability; `upgrade`: what
 * one upgrade takes away, the one that takes away most risk first, and in the end all that has no fix.
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
