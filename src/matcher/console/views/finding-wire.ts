/** A finding as the console's API has it. */
import type { Applied, ConsoleFinding } from '../../../model/api/console/types.ts';
import { shownRisk } from '../../../model/risk.ts';
import type { PlacedFinding } from './filter-findings.ts';
import type { AppliedRow } from './load-findings.ts';

export function findingToWire(finding: PlacedFinding): ConsoleFinding {
  const { type, source, name, version, layer, path, origin } = finding;
  return {
    id: finding.cve,
    aliases: [...finding.aliases],
    severity: finding.severity,
    severity_source: finding.severity_source,
    cvss: cvssOf(finding),
    epss: finding.epss,
    exploited: finding.exploited,
    fixed_in: finding.fixes.at(-1) ?? null,
    fixes: [...finding.fixes],
    title: finding.title,
    feed: finding.feed,
    undecided: finding.undecided,
    linked: finding.linked,
    risk: shownRisk(finding.risk),
    decision: finding.decision === null ? null : appliedToWire(finding.decision),
    since: finding.since.toISOString(),
    package: { type, source, name, version, layer, path, origin },
  };
}

/** One row of a CSV file. */
export function findingToRow(finding: PlacedFinding): object {
  const { package: pkg, cvss, decision, ...wire } = findingToWire(finding);
  return { ...wire, ...pkg, cvss: cvss?.score ?? null, decision: decision?.status ?? null };
}

export function cvssOf(row: {
  readonly cvss: number | null;
  readonly cvss_vector: string | null;
  readonly cvss_source: string | null;
}): ConsoleFinding['cvss'] {
  if (row.cvss === null) return null;
  return {
    score: Math.round(row.cvss * 10) / 10,
    vector: row.cvss_vector ?? '',
    source: row.cvss_source ?? '',
  };
}

export function appliedToWire(row: AppliedRow): Applied {
  return {
    id: String(row.id),
    status: row.status,
    justification: row.justification as Applied['justification'],
    reason: row.reason,
    until: row.until,
    by: row.by,
    at: new Date(row.at).toISOString(),
  };
}

const PERCENT = 100;
/** From there on the probability is a reason. */
const LIKELY = 0.1;

/** Why it comes first, for people. */
export function whyOf({
  exploited,
  epss,
  severity,
  fixable,
}: {
  readonly exploited: boolean;
  readonly epss: number | null;
  readonly severity: string;
  readonly fixable: boolean;
}): string {
  const reasons = [
    exploited && 'Exploited (KEV)',
    epss !== null && epss >= LIKELY && `EPSS ${Math.round(epss * PERCENT)} %`,
    severity,
    fixable ? 'fix available' : 'no fix',
  ];
  return reasons.filter((reason) => reason !== false).join(', ');
}
