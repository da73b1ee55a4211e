/** Makes the view of a scan from its findings and the selection among them. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { VERSION } from '../../lib/version.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { type ScanResult, typeOf } from '../outcome/scan-result.ts';
import type { Selection } from '../policy/selection.ts';
import { noticeText } from './coverage-text.ts';
import type { ReportFinding, View } from './view.ts';

/** Returns the view without its ledger. `all` are the findings whose positions `selection` has; `created`: time of the report. */
export function makeView(
  result: ScanResult,
  all: readonly ReportFinding[],
  selection: Selection,
  created: Date,
  ecosystems: readonly Ecosystem[],
): View {
  const packages = Object.values(result.report.packages);
  const findings = selection.shown.map((position) => all[position]!);
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    schemaVersion: 1,
    created: created.toISOString().replace(/\.\d+Z$/, 'Z'),
    tool: { name: 'clairctl', version: VERSION },
    target: result.target,
    manifest: result.manifest,
    distributions: Object.values(result.report.distributions).map(
      (each) => each.pretty_name || `${each.name} ${each.version}`,
    ),
    packages: packages.length,
    packageTypes: [...Map.groupBy(packages, ({ detector }) => typeOf(detector, ecosystems))].map(
      ([type, { length }]) => ({ type, count: length }),
    ),
    summary: {
      findings: findings.length,
      fixable: findings.filter(({ fixedIn }) => fixedIn !== '').length,
      affectedPackages: new Set(findings.map((each) => `${each.type} ${each.package} ${each.version}`)).size,
      bySeverity: Object.fromEntries(
        SEVERITIES.toReversed().map((severity) => [severity.toLowerCase(), count(severity)]),
      ) as View['summary']['bySeverity'],
      notLinked: findings.filter(({ linked }) => linked === 'no').length,
      countsNotLinked: !selection.onlyLinked,
      suppressed: selection.suppressed.length,
      hidden: {
        unfixed: selection.unfixed.length,
        fixed: selection.fixed.length,
        otherSeverity: selection.otherSeverity.length,
      },
    },
    complete: result.incomplete.length === 0 && result.example === undefined,
    incomplete: result.incomplete,
    accepted: result.accepted,
    problems: result.problems,
    feeds: result.feeds,
    ...(result.example !== undefined && { example: result.example }),
    findings,
    suppressed: selection.suppressed.map(({ position, by }) => ({ ...all[position]!, suppression: by })),
    notices: [...(result.report.notices ?? []).map(noticeText), ...result.notices, ...selection.notices],
  };
}
