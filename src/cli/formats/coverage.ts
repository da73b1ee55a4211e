/** Counts, by package type, of packages, findings by severity, and packages that were not checked. */
import { lookupsOf } from '../../ecosystems/report-lookups.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { typeOf } from '../outcome/scan-result.ts';
import type { FormatInput } from './view.ts';

export interface TypeCoverage {
  readonly type: string;
  readonly packages: number;
  /** Counts of Critical, High, and other severities with findings; the same severities for all types. */
  readonly severities: readonly {
    readonly severity: Severity;
    readonly count: number;
    /** Findings that flags omit in addition. */
    readonly hidden: number;
  }[];
  readonly fixable: number;
  /** Packages that no loaded feed covers, nor the example if that is all there is. */
  readonly unchecked: number;
}

/** Returns the counts of each type, in the order of the report. */
export function coverageByType(input: FormatInput): TypeCoverage[] {
  const { view, result, packageIds, index, ecosystems, leftOut } = input;
  const loaded = new Set(
    result.feeds.flatMap(({ scope, last_success: at }) => (at === undefined ? [] : [scope])),
  );
  const missing = new Set(
    result.feeds.flatMap(({ scope, last_success: at }) => (at === undefined ? [scope] : [])),
  );
  const isWhole = view.complete;
  const { scopes } = isWhole ? { scopes: [] } : lookupsOf(index, ecosystems);
  const isChecked = (position: number): boolean => {
    if (isWhole) return true;
    const groups = scopes[position] ?? [];
    return (
      groups.length > 0 &&
      groups.every(
        (group) => group.some((scope) => loaded.has(scope)) && !group.some((scope) => missing.has(scope)),
      )
    );
  };
  const found = new Set(view.findings.map(({ severity }) => severity));
  const shown = SEVERITIES.toReversed().filter(
    (severity) => severity === 'Critical' || severity === 'High' || found.has(severity),
  );
  const positions = packageIds.map((id, position) => ({
    position,
    type: typeOf(result.report.packages[id]?.detector ?? null, ecosystems),
  }));
  return [...Map.groupBy(positions, ({ type }) => type)].map(([type, packages]) => {
    const findings = view.findings.filter((finding) => finding.type === type);
    return {
      type: type || 'unknown',
      packages: packages.length,
      severities: shown.map((severity) => ({
        severity,
        count: findings.filter((finding) => finding.severity === severity).length,
        hidden: leftOut.filter((match) => match.type === type && match.severity === severity).length,
      })),
      fixable: findings.filter(({ fixedIn }) => fixedIn !== '').length,
      unchecked: packages.filter(({ position }) => !isChecked(position)).length,
    };
  });
}
