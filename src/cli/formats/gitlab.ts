/** `gitlab`: GitLab's container scanning report, schema 15.0.7, for `artifacts:reports:container_scanning`. */
import { createHash } from 'node:crypto';
import type { Severity } from '../../model/severity.ts';
import { uuidOf } from '../../sbom/write-cyclonedx.ts';
import { ledgerLines } from './ledger-text.ts';
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

const SEVERITIES: Readonly<Record<Severity, string>> = {
  Critical: 'Critical',
  High: 'High',
  Medium: 'Medium',
  Low: 'Low',
  Negligible: 'Info',
  Unknown: 'Unknown',
};

// What the schema allows, and of identifiers what GitLab stores.
const MAX = { name: 255, description: 1024 * 1024, solution: 7000, identifiers: 20 };

/** Pattern of `location.image` in the schema: a name with an optional port, and a tag or a digest. */
const IMAGE = /^[^:]+(:\d+[^:]*)?:[^:]+(:[^:]+)?$/;

/** Unaccounted files that are listed; the others are counted. */
const MAX_UNACCOUNTED = 100;

export function gitlab({ view }: FormatInput): string {
  const time = view.created.replace(/Z$/, '');
  const { name, version } = view.tool;
  const tool = { id: name, name, version, vendor: { name: 'Clair' } };
  const message = (level: 'info' | 'warn') => (value: string) => ({ level, value });
  const report = {
    version: '15.0.7',
    scan: {
      type: 'container_scanning',
      status: 'success',
      start_time: time,
      end_time: time,
      analyzer: tool,
      scanner: tool,
      messages: [
        ...caveats(view).map(message('warn')),
        ...[
          ...omissions(view),
          ...suppressedLines(view),
          ...ledgerLines(view, MAX_UNACCOUNTED),
          ...freshness(view),
        ].map(message('info')),
      ],
    },
    vulnerabilities: view.findings.map((finding) => vulnerabilityOf(finding, view)),
    remediations: [],
  };
  return `${JSON.stringify(report, undefined, 1)}\n`;
}

/** Returns suppressed findings as text. GitLab has no state for them: as vulnerabilities they would be open. */
function suppressedLines({ suppressed }: View): string[] {
  return suppressed.map(
    ({ id, package: name, version, suppression }) =>
      `${id} of ${name} ${version}: ${suppressionText(suppression)}`,
  );
}

function vulnerabilityOf(finding: ReportFinding, view: View): object {
  const { id, aliases, description, undecided, package: name, version, severity, links } = finding;
  return {
    id: idOf(finding),
    name: id.slice(0, MAX.name),
    description: [...(undecided ? [UNDECIDED] : []), linkedText(finding), description]
      .filter(Boolean)
      .join('\n\n')
      .slice(0, MAX.description),
    severity: SEVERITIES[severity],
    solution: updateAdvice(finding).slice(0, MAX.solution),
    identifiers: [...new Set([id, ...aliases])]
      .slice(0, MAX.identifiers)
      .map((each) => identifierOf(each, links)),
    links: links.map((url) => ({ url })),
    details: detailsOf(finding),
    location: {
      dependency: { package: { name }, version },
      operating_system: view.distributions.join(', ') || 'Unknown',
      image: imageOf(view),
    },
  };
}

/** Returns an id that is equal in the next pipeline: it depends on the finding, not on its position. */
function idOf({ id, type, package: name, version, paths }: ReportFinding): string {
  return uuidOf(
    createHash('sha256')
      .update(JSON.stringify([id, type, name, version, paths]))
      .digest('hex'),
  );
}

/** Returns an identifier with its type: `cve` for CVE-2099-1, `ghsa` for GHSA-…. GitLab adds the link for types that it knows. */
function identifierOf(value: string, links: readonly string[]): object {
  const type = /^([a-z]+)-/i.exec(value)?.[1]?.toLowerCase() ?? 'clair';
  const url = links.find((link) => link.includes(value));
  return { type, name: value, value, ...(url !== undefined && { url }) };
}

function detailsOf(finding: ReportFinding): object {
  const { purl, paths, layers, epss, exploited, notes = [], severitySource } = finding;
  const text = (name: string, value: string) => ({ name, type: 'text', value });
  const list = (name: string, values: readonly string[]) => ({
    name,
    type: 'list',
    items: values.map((value) => ({ type: 'text', value })),
  });
  return {
    feed: text('Reported by', sourcesText(finding)),
    ...(severitySource !== '' && { severity: text('Severity by', severitySource) }),
    ...(purl !== '' && { purl: text('Package URL', purl) }),
    ...(paths.length > 0 && { paths: list('Found in', paths) }),
    ...(layers.length > 0 && { layers: list('Layers', layers) }),
    ...(epss !== undefined && { epss: text('EPSS', `${(epss * 100).toFixed(1)}%`) }),
    ...(exploited && { exploited: text('Exploited (KEV)', 'yes') }),
    ...(notes.length > 0 && { notes: list('Notes', notes) }),
  };
}

/** Returns the image as it was named if the pattern allows it; otherwise with the digest, and without forbidden characters. */
function imageOf({ target: { name, kind }, manifest }: View): string {
  const pinned = [...(kind === 'registry' ? [name, `${name}@${manifest}`] : [])];
  return pinned.find((each) => IMAGE.test(each)) ?? `${name.replaceAll(':', '_') || kind}@${manifest}`;
}
