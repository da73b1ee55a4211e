/** `sarif`: SARIF 2.1.0, as GitHub code scanning accepts it. */
import { createHash } from 'node:crypto';
import { ledgerLines } from './ledger-text.ts';
import { cut, levelOf, ruleOf } from './sarif-rule.ts';
import type { FormatInput, ReportFinding, SuppressedFinding, View } from './view.ts';
import { caveats, freshness, linkedText, omissions, suppressionText } from './words.ts';

/** Unaccounted files that are listed; the others are counted. */
const MAX_UNACCOUNTED = 100;

export function sarif({ view, instructions = new Map() }: FormatInput): string {
  const { findings, suppressed } = view;
  const byRule = Map.groupBy([...findings, ...suppressed], ({ id }) => id);
  const ruleIndexes = new Map([...byRule.keys()].map((id, index) => [id, index]));
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: view.tool.name,
            version: view.tool.version,
            semanticVersion: view.tool.version,
            rules: [...byRule].map(([id, of]) => ruleOf(id, of)),
          },
        },
        automationDetails: { id: `clairctl/${view.target.name}/` },
        invocations: [
          {
            executionSuccessful: true,
            endTimeUtc: view.created,
            toolExecutionNotifications: [
              ...caveats(view).map((text) => ({ level: 'warning', message: { text } })),
              ...[...omissions(view), ...ledgerLines(view, MAX_UNACCOUNTED), ...freshness(view)].map(
                (text) => ({
                  level: 'note',
                  message: { text },
                }),
              ),
            ],
          },
        ],
        properties: { target: view.target, manifest: view.manifest, complete: view.complete },
        results: [
          ...findings.map((finding) => resultOf(finding, view, ruleIndexes.get(finding.id)!, instructions)),
          ...suppressed.map((finding) => ({
            ...resultOf(finding, view, ruleIndexes.get(finding.id)!, instructions),
            suppressions: [suppressionOf(finding)],
          })),
        ],
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 1)}\n`;
}

function resultOf(
  finding: ReportFinding,
  { target }: View,
  ruleIndex: number,
  instructions: ReadonlyMap<string, string>,
): object {
  const { id, package: name, version, fixedIn, undecided, paths, layers, type, purl } = finding;
  const uris = paths.length > 0 ? paths : [target.name];
  const fix = fixedIn === '' ? 'There is no fixed version.' : `It is fixed in ${fixedIn}.`;
  // The instruction of the image that brought the package: what to change.
  const [by = ''] = layers.flatMap((layer) => instructions.get(layer) || []);
  const brought = by === '' ? '' : ` Added by: ${cut(by)}`;
  const linked = linkedText(finding) && ` ${linkedText(finding)}`;
  const what = undecided
    ? `${name} may be affected by ${id}: its version ${version} cannot be compared.`
    : `${name} ${version} is affected by ${id}.`;
  return {
    ruleId: id,
    ruleIndex,
    level: levelOf(finding.severity),
    message: { text: `${what} ${fix} Severity: ${finding.severity}.${linked}${brought}` },
    // GitHub shows the first only.
    locations: uris.slice(0, 10).map((uri) => ({
      physicalLocation: {
        artifactLocation: { uri: uriOf(uri) },
        region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
      },
      message: { text: `${target.name}: ${uri}` },
      logicalLocations: [{ name, fullyQualifiedName: purl || `${type}:${name}@${version}`, kind: 'package' }],
    })),
    // The version is left out: the same finding after an update that does not help is not a new one.
    partialFingerprints: {
      'clairFinding/v1': createHash('sha256').update([id, type, name, uris[0]].join('\0')).digest('hex'),
    },
    properties: {
      severity: finding.severity,
      ...(finding.severitySource !== '' && { severitySource: finding.severitySource }),
      ...(finding.aliases.length > 0 && { aliases: finding.aliases }),
      fixedIn,
      exploited: finding.exploited,
      ...(finding.notes && { notes: finding.notes }),
      undecided,
      linked: finding.linked,
      ...(finding.linkedNames && { linkedNames: finding.linkedNames }),
      ...(finding.epss !== undefined && { epss: finding.epss }),
      ...(finding.cvss && { cvss: finding.cvss.vector }),
      ...(purl !== '' && { purl }),
      layers,
      ...(by !== '' && { instruction: by }),
    },
  };
}

/** Returns a suppression (SARIF 2.1.0 §3.35): viewers can omit such results. */
function suppressionOf({ suppression }: SuppressedFinding): object {
  return { kind: 'external', status: 'accepted', justification: suppressionText(suppression) };
}

/** Returns a relative reference (RFC 3986 §4.2), the only form that GitHub accepts. A colon in its first segment would start a scheme. */
function uriOf(path: string): string {
  return path.replace(/^\/+/, '').split('/').map(encodeURIComponent).join('/') || '.';
}
