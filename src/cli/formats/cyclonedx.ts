/** `cyclonedx`: CycloneDX 1.6 with components, dependencies and vulnerabilities. */
import type { Severity } from '../../model/severity.ts';
import { cycloneDxOf, sealCycloneDx } from '../../sbom/write-cyclonedx.ts';
import type { Suppression } from '../policy/selection.ts';
import { severityOfScore } from './cvss-class.ts';
import { subjectOf } from './sbom-subject.ts';
import type { FormatInput, ReportFinding } from './view.ts';
import { linkedText, suppressionText, UNDECIDED } from './words.ts';

const SEVERITIES: Readonly<Record<Severity, string>> = {
  Critical: 'critical',
  High: 'high',
  Medium: 'medium',
  Low: 'low',
  Negligible: 'info',
  Unknown: 'unknown',
};

export function cyclonedx(input: FormatInput): string {
  const { view, matches, suppressedMatches, index, packageIds, ecosystems } = input;
  const { document, refs } = cycloneDxOf(index, ecosystems, subjectOf(view, true));
  const refOf = new Map(packageIds.map((id, position) => [id, refs[position]!]));
  // One entry for what is said of a vulnerability in the same words, with all that it affects.
  const groups = new Map<string, { finding: Said; affects: Map<string, ReportFinding> }>();
  const all: readonly Said[] = [...view.findings, ...view.suppressed];
  const places = [...matches, ...suppressedMatches];
  for (const [position, finding] of all.entries()) {
    const key = JSON.stringify([
      finding.id,
      finding.sources,
      finding.severitySource,
      finding.severity,
      finding.fixedIn,
      finding.undecided,
      finding.linked,
      finding.linkedNames,
      finding.suppression,
    ]);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { finding, affects: new Map() }));
    group.affects.set(refOf.get(places[position]!.packageId) ?? '', finding);
  }
  const vulnerabilities = [...groups.values()].map((group, position) =>
    vulnerabilityOf(group.finding, group.affects, position),
  );
  return sealCycloneDx({ ...document, vulnerabilities });
}

/** Returns the components without vulnerabilities, for `--sbom-output`. */
export function cyclonedxSbom({ view, index, ecosystems }: FormatInput): string {
  return sealCycloneDx(cycloneDxOf(index, ecosystems, subjectOf(view, false)).document);
}

type Said = ReportFinding & { readonly suppression?: Suppression };

function vulnerabilityOf(
  finding: Said,
  affects: ReadonlyMap<string, ReportFinding>,
  position: number,
): object {
  const { id, feed, fixedIn, exploited, epss } = finding;
  const [url] = finding.links;
  const source = { name: feed, ...(url !== undefined && { url }) };
  return {
    'bom-ref': `vulnerability-${position + 1}`,
    id,
    source,
    ...(finding.aliases.length > 0 && {
      references: finding.aliases.map((alias) => ({
        id: alias,
        source: { name: finding.sources.find((said) => said.id === alias)?.feed ?? feed },
      })),
    }),
    ratings: [
      { source: { name: finding.severitySource || feed }, severity: SEVERITIES[finding.severity] },
      ...(finding.cvss ? [ratingOf(finding.cvss)] : []),
      ...(epss === undefined ? [] : [{ source: { name: 'EPSS' }, score: epss, method: 'other' }]),
    ],
    ...(finding.description !== '' && { description: finding.description }),
    ...(fixedIn !== '' && { recommendation: `Update to ${fixedIn} or later.` }),
    advisories: finding.links.map((link) => ({ url: link })),
    ...(finding.published !== '' && { published: finding.published }),
    // Affected until somebody says otherwise: a VEX document may, by the reference of the component.
    ...(finding.suppression !== undefined ? { analysis: analysisOf(finding.suppression) } : stateOf(finding)),
    affects: [...affects].map(([ref, { version }]) => ({
      ref,
      ...(version !== '' && { versions: [{ version, status: statusOf(finding) }] }),
    })),
    properties: [
      { name: 'clair:fixed-in', value: fixedIn },
      { name: 'clair:exploited', value: String(exploited) },
      ...(finding.linked === 'unknown' ? [] : [{ name: 'clair:linked', value: finding.linked }]),
      ...(finding.notes ?? []).map((value) => ({ name: 'clair:note', value })),
    ],
  };
}

/** Returns the analysis of a finding without a VEX statement. */
function stateOf(finding: Said): object {
  if (finding.linked === 'no')
    return {
      analysis: { state: 'not_affected', justification: 'code_not_present', detail: linkedText(finding) },
    };
  return finding.undecided ? { analysis: { state: 'in_triage', detail: UNDECIDED } } : {};
}

function ratingOf({ score, vector, version, source }: NonNullable<ReportFinding['cvss']>): object {
  const method = { '2.0': 'CVSSv2', '3.0': 'CVSSv3', '3.1': 'CVSSv31', '4.0': 'CVSSv4' }[version] ?? 'other';
  const severity = severityOfScore(score);
  return {
    source: { name: source },
    score,
    severity: severity ? SEVERITIES[severity] : 'none',
    method,
    vector,
  };
}

/** Justifications of OpenVEX as those of CycloneDX 1.6 (impactAnalysisJustification). */
const JUSTIFICATIONS: Readonly<Record<string, string>> = {
  component_not_present: 'code_not_present',
  vulnerable_code_not_present: 'code_not_present',
  vulnerable_code_not_in_execute_path: 'code_not_reachable',
  vulnerable_code_cannot_be_controlled_by_adversary: 'code_not_reachable',
  inline_mitigations_already_exist: 'protected_by_mitigating_control',
};
const OWN_JUSTIFICATIONS = new Set([
  ...Object.values(JUSTIFICATIONS),
  'requires_configuration',
  'requires_dependency',
  'requires_environment',
  'protected_by_compiler',
  'protected_at_runtime',
  'protected_at_perimeter',
]);

/** Returns the analysis of a suppressed finding. One that an ignore file accepts stays `exploitable`: no statement says otherwise. */
function analysisOf(suppression: Suppression): object {
  const { kind, status, justification: said } = suppression;
  const justification = OWN_JUSTIFICATIONS.has(said) ? said : JUSTIFICATIONS[said];
  const state = kind === 'ignored' ? 'exploitable' : status === 'fixed' ? 'resolved' : 'not_affected';
  return {
    state,
    ...(state === 'not_affected' && justification !== undefined && { justification }),
    ...(kind === 'ignored' && { response: ['will_not_fix'] }),
    detail: suppressionText(suppression),
  };
}

function statusOf({ undecided, suppression, linked }: Said): string {
  if (suppression?.kind === 'vex' || (suppression === undefined && linked === 'no')) return 'unaffected';
  return undecided ? 'unknown' : 'affected';
}
