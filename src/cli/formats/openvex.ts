/** `openvex`: OpenVEX 0.2.0 (https://github.com/openvex/spec) with a verdict for each vulnerability; `--vex` reads it. */
import { createHash } from 'node:crypto';
import { formatPurl } from '../../model/purl.ts';
import { imagePurl, isImage } from '../../sbom/inventory.ts';
import { uuidOf } from '../../sbom/write-cyclonedx.ts';
import type { Suppression } from '../policy/selection.ts';
import { subjectOf } from './sbom-subject.ts';
import type { FormatInput, ReportFinding, View } from './view.ts';
import {
  caveats,
  freshness,
  linkedText,
  omissions,
  sourcesText,
  suppressionText,
  UNDECIDED,
  updateAdvice,
} from './words.ts';

type Said = ReportFinding & { readonly suppression?: Suppression };

export function openvex({ view }: FormatInput): string {
  const said = {
    // Wanted is a person or an organization: who runs a scanner does not say.
    author: 'Unknown Author',
    role: 'Vulnerability scanner',
    version: 1,
    // The one member that is not about a single vulnerability: also what was not checked has its place here only.
    tooling: [
      `${view.tool.name} ${view.tool.version}`,
      ...caveats(view),
      ...omissions(view),
      ...freshness(view).map((line) => `Checked against ${line}`),
    ].join('\n'),
    statements: statementsOf(view),
  };
  const id = uuidOf(createHash('sha256').update(JSON.stringify(said)).digest('hex'));
  const document = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `urn:uuid:${id}`,
    timestamp: view.created,
    ...said,
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

/** Returns a statement for each distinct verdict about a vulnerability, with all packages that it applies to. */
function statementsOf(view: View): object[] {
  const groups = new Map<string, { statement: object; packages: Set<string> }>();
  for (const finding of [...view.findings, ...view.suppressed]) {
    const statement = { vulnerability: vulnerabilityOf(finding), ...verdictOf(finding) };
    const key = JSON.stringify(statement);
    const group = groups.get(key) ?? { statement, packages: new Set() };
    groups.set(key, group);
    group.packages.add(purlOf(finding));
  }
  return [...groups.values()].map(({ statement, packages }) => ({
    ...statement,
    products: productsOf(view, [...packages]),
  }));
}

/** Returns the package URL, of type generic (purl-spec) if the package has none. */
function purlOf({ purl, package: name, version }: ReportFinding): string {
  return purl || formatPurl({ type: 'generic', name, version });
}

function vulnerabilityOf({ id, aliases, description }: ReportFinding): object {
  const others = [...new Set(aliases)].filter((alias) => alias !== id);
  return {
    name: id,
    ...(description !== '' && { description }),
    ...(others.length > 0 && { aliases: others }),
  };
}

/** Returns the verdict. A finding that an ignore file accepts stays `affected`: no statement says otherwise. */
function verdictOf(finding: Said): object {
  const { suppression, undecided, severity, exploited, notes: said = [], linked } = finding;
  if (suppression?.kind === 'vex') return { ...vexVerdict(suppression), status_notes: suppression.source };
  const notes = [
    `Reported by ${sourcesText(finding)}.`,
    `Severity: ${severity}.`,
    ...(exploited ? ['Exploited (KEV).'] : []),
    ...said.map((note) => `${note}.`),
  ];
  const status_notes = [...(undecided ? [UNDECIDED] : []), ...notes].join(' ');
  if (suppression === undefined && linked === 'no')
    return {
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
      status_notes,
      impact_statement: linkedText(finding),
    };
  if (suppression === undefined && undecided) return { status: 'under_investigation', status_notes };
  return {
    status: 'affected',
    status_notes,
    action_statement: suppression === undefined ? updateAdvice(finding) : suppressionText(suppression),
  };
}

/** Justifications of OpenVEX by those of CSAF (the same words) and CycloneDX. */
const JUSTIFICATIONS: Readonly<Record<string, string>> = {
  component_not_present: 'component_not_present',
  vulnerable_code_not_present: 'vulnerable_code_not_present',
  vulnerable_code_not_in_execute_path: 'vulnerable_code_not_in_execute_path',
  vulnerable_code_cannot_be_controlled_by_adversary: 'vulnerable_code_cannot_be_controlled_by_adversary',
  inline_mitigations_already_exist: 'inline_mitigations_already_exist',
  code_not_present: 'vulnerable_code_not_present',
  code_not_reachable: 'vulnerable_code_not_in_execute_path',
  protected_by_mitigating_control: 'inline_mitigations_already_exist',
};

function vexVerdict({ status, justification: said, reason }: Suppression): object {
  if (status === 'fixed') return { status };
  const justification = JUSTIFICATIONS[said];
  const words = [...(justification === undefined ? [said.replaceAll('_', ' ')] : []), reason].filter(Boolean);
  return {
    status: 'not_affected',
    ...(justification !== undefined && { justification }),
    // One of both has to be there.
    ...((justification === undefined || words.length > 0) && {
      impact_statement: words.join(': ') || 'No reason was given.',
    }),
  };
}

/** Returns the image with its packages as subcomponents; without an image the packages, which a later scan recognizes. */
function productsOf(view: View, packages: readonly string[]): object[] {
  const components = packages.map((purl) => ({ '@id': purl, identifiers: { purl } }));
  const subject = subjectOf(view, false);
  if (!isImage(subject) || subject.kind === 'sbom') return components;
  const purl = imagePurl(subject, view.manifest) ?? localImage(view);
  const [, sha256] = /^sha256:(.*)$/.exec(view.manifest) ?? [];
  return [
    {
      '@id': purl,
      identifiers: { purl },
      ...(sha256 && { hashes: { 'sha-256': sha256 } }),
      subcomponents: components,
    },
  ];
}

/** Returns the package URL of an image (purl-spec, type oci: the version is the digest, the name is the last part of the path). */
function localImage({ target, manifest }: View): string {
  const name = target.name.toLowerCase().split('/').findLast(Boolean) ?? 'image';
  return formatPurl({ type: 'oci', name, version: manifest });
}
