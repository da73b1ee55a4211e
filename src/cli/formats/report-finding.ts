/** A finding as reports show it: a match, and what the advisories and the image say of it. */
import type { VulnerabilityReportWire, VulnerabilityWire } from '../../matcher/report/report-wire.ts';
import { fixedVersionOf } from '../../matcher/shown/fixes.ts';
import { riskOf, shownRisk } from '../../model/risk.ts';
import { pathOf } from '../../sbom/inventory.ts';
import type { Match } from '../outcome/scan-result.ts';
import type { FindingSource, ReportFinding } from './view.ts';

/** Returns the finding of `match` in `report`; `purls` are by id of the package. */
export function findingOf(
  match: Match,
  report: VulnerabilityReportWire,
  purls: ReadonlyMap<string, string>,
): ReportFinding {
  const { packageId, vulnerabilityIds } = match;
  const said = vulnerabilityIds.flatMap((id) => report.vulnerabilities[id] ?? []);
  // An id is any text in a report of others: `constructor` is no environment.
  const environments = Object.hasOwn(report.environments, packageId) ? report.environments[packageId]! : [];
  const issued = said.map((each) => each.issued ?? '').filter((time) => !time.startsWith('0001-')); // Go's zero time
  const source = report.packages[packageId]?.source?.name ?? '';
  const links = said.flatMap((each) => (each.links ?? '').split(' '));
  return {
    id: match.vulnerability,
    aliases: match.aliases,
    covers: match.covers,
    package: match.name,
    ...(source !== '' && source !== match.name && { sourcePackage: source }),
    version: match.version,
    type: match.type,
    purl: purls.get(packageId) ?? '',
    fixedIn: match.fixedIn,
    severity: match.severity,
    severitySource: match.severitySource,
    ...(match.cvss && { cvss: match.cvss }),
    ...(match.epss !== undefined && { epss: match.epss }),
    exploited: match.exploited,
    risk: shownRisk(riskOf(match)),
    ...(match.notes.length > 0 && { notes: match.notes }),
    undecided: match.undecided,
    linked: match.linked,
    ...(match.linkedNames.length > 0 && { linkedNames: match.linkedNames }),
    feed: said[0]?.updater ?? '',
    sources: said.map(sourceOf),
    description: said.find((each) => each.description)?.description ?? '',
    published: issued.sort()[0] ?? '',
    links: [...new Set(links)].filter((link) => /^https?:\/\//.test(link)),
    paths: [...new Set(environments.map((each) => pathOf(each.package_db)))].filter(Boolean),
    layers: [...new Set(environments.map((each) => each.introduced_in))].filter(Boolean),
  };
}

function sourceOf({
  updater,
  name,
  normalized_severity: severity,
  fixed_in_version: fix,
}: VulnerabilityWire): FindingSource {
  return { feed: updater, id: name, severity, fixedIn: fixedVersionOf(fix, updater) };
}
