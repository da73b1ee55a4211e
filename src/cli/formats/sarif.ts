/** `sarif`: SARIF 2.1.0, as GitHub's code scanning and its like take it. */
import { createHash } from 'node:crypto';
import { rankOf, type Severity } from '../../model/severity.ts';
import { severityOfScore } from './cvss-class.ts';
import { ledgerLines } from './ledger-text.ts';
import type { FormatInput, ReportFinding, SuppressedFinding, View } from './view.ts';
import { caveats, freshness, omissions, suppressionText } from './words.ts';

/** Where no CVSS score is known, one of the middle of its class: GitHub sorts and gates by it. */
const SCORES: Readonly<Record<Severity, string>> = {
  Critical: '9.5',
  High: '8.0',
  Medium: '5.5',
  Low: '2.0',
  Negligible: '0.5',
  Unknown: '0.0',
};

// GitHub, "SARIF support for code scanning": 1024 characters of a text are shown.
const MAX_TEXT = 1000;

/** Of the unaccounted files. */
const MAX_UNACCOUNTED = 100;

export function sarif({ view }: FormatInput): string {
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
          ...findings.map((finding) => resultOf(finding, view, ruleIndexes.get(finding.id)!)),
          ...suppressed.map((finding) => ({
            ...resultOf(finding, view, ruleIndexes.get(finding.id)!),
            suppressions: [suppressionOf(finding)],
          })),
        ],
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 1)}\n`;
}

function ruleOf(id: string, findings: readonly ReportFinding[]): object {
  const worst = findings.toSorted((a, b) => rankOf(b.severity) - rankOf(a.severity))[0]!;
  const score = Math.max(...findings.map(({ cvss }) => cvss?.score ?? 0));
  // The severity of the findings counts, as everywhere: a score of another class would show another one.
  const isOfClass = severityOfScore(score) === worst.severity;
  const [helpUri] = findings.flatMap(({ links }) => links);
  const text = worst.description || `${id} has no description.`;
  const links = [...new Set(findings.flatMap((finding) => finding.links))].slice(0, 20);
  const aliases = [...new Set(findings.flatMap((finding) => finding.aliases))];
  return {
    id,
    name: 'VulnerablePackage',
    shortDescription: {
      text: `${id} in ${[...new Set(findings.map((each) => each.package))].slice(0, 5).join(', ')}`,
    },
    fullDescription: { text: cut(text) },
    help: {
      text: [text, ...(aliases.length > 0 ? [`Also known as ${aliases.join(', ')}`] : []), ...links].join(
        '\n',
      ),
    },
    ...(helpUri !== undefined && { helpUri }),
    defaultConfiguration: { level: levelOf(worst.severity) },
    properties: {
      'security-severity': isOfClass ? score.toFixed(1) : SCORES[worst.severity],
      precision: 'high',
      ...(aliases.length > 0 && { aliases }),
      tags: ['security', 'vulnerability', worst.severity.toLowerCase()],
    },
  };
}

function resultOf(finding: ReportFinding, { target }: View, ruleIndex: number): object {
  const { id, package: name, version, fixedIn, undecided, paths, layers, type, purl } = finding;
  const uris = paths.length > 0 ? paths : [target.name];
  const fix = fixedIn === '' ? 'There is no fixed version.' : `It is fixed in ${fixedIn}.`;
  const what = undecided
    ? `${name} may be affected by ${id}: its version ${version} cannot be compared.`
    : `${name} ${version} is affected by ${id}.`;
  return {
    ruleId: id,
    ruleIndex,
    level: levelOf(finding.severity),
    message: { text: `${what} ${fix} Severity: ${finding.severity}.` },
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
      ...(finding.epss !== undefined && { epss: finding.epss }),
      ...(finding.cvss && { cvss: finding.cvss.vector }),
      ...(purl !== '' && { purl }),
      layers,
    },
  };
}

/** SARIF 2.1.0 §3.35: who shows results may leave these out. */
function suppressionOf({ suppression }: SuppressedFinding): object {
  return { kind: 'external', status: 'accepted', justification: suppressionText(suppression) };
}

function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  if (severity === 'Critical' || severity === 'High') return 'error';
  return severity === 'Medium' || severity === 'Unknown' ? 'warning' : 'note';
}

function cut(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

/** A relative reference (RFC 3986 §4.2): GitHub takes no other; a colon in its first segment would make it a scheme. */
function uriOf(path: string): string {
  return path.replace(/^\/+/, '').split('/').map(encodeURIComponent).join('/') || '.';
}
