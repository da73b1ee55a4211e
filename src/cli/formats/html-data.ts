/** The findings as data of the HTML report, and what it says of each: in rows that lie in the file, and in those that a script makes. */
import { rankOf } from '../../model/severity.ts';
import type { ReportFinding } from './view.ts';
import { NOT_LINKED, otherNames, sourcesText } from './words.ts';

/** Of one finding. */
export const MAX_LINKS = 30;

/** JSON for a `script` element: `{details: [[description, facts, links]], rows: [[…]]}`; what several findings say alike is there once. */
export function htmlData(findings: readonly ReportFinding[]): string {
  const details: unknown[] = [];
  const known = new Map<string, number>();
  const rows = findings.map((finding) => {
    const detail = [
      visible(finding.description),
      factsOf(finding).map(visible),
      finding.links.slice(0, MAX_LINKS),
    ];
    const key = JSON.stringify(detail);
    let index = known.get(key);
    if (index === undefined) {
      known.set(key, (index = details.length));
      details.push(detail);
    }
    const { id, package: name, version, fixedIn, type, severity, epss, layers, paths, risk } = finding;
    return [
      ...[rankOf(severity), severity, risk, visible(id), visible(name), visible(version), visible(fixedIn)],
      ...[visible(type), epss ?? -1, paths.map(visible), layers.map(shortLayer).join(', ')],
      ...[notesOf(finding).map(visible), index],
    ];
  });
  // Whatever a text holds, it does not end the element (HTML, "Restrictions for contents of script elements").
  return JSON.stringify({ details, rows }).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** What is to be noticed of a finding, in few words. */
export function notesOf({ exploited, notes = [], undecided, linked }: ReportFinding): string[] {
  return [
    ...(exploited ? ['exploited'] : []),
    ...notes,
    ...(undecided ? ['version not comparable'] : []),
    ...(linked === 'no' ? [NOT_LINKED] : []),
  ];
}

/** What is known of it beside its description, a line each. */
export function factsOf(finding: ReportFinding): string[] {
  const { cvss, severitySource, published, purl } = finding;
  const others = otherNames(finding);
  return [
    ...(others === '' ? [] : [`Also known as ${others}`]),
    ...(severitySource === '' ? [] : [`Severity by ${severitySource}`]),
    ...(cvss ? [`CVSS ${cvss.version}: ${cvss.score} (${cvss.vector}) by ${cvss.source}`] : []),
    ...(published === '' ? [] : [`Published ${published}`]),
    `Said by ${sourcesText(finding)}`,
    ...(purl === '' ? [] : [purl]),
  ];
}

/** The first digits of a digest. */
export function shortLayer(digest: string): string {
  return digest.replace(/^\w+:(\w{12}).*$/, '$1');
}

/** What is invisible or turns the direction of text is shown as a mark. */
export function visible(text: string): string {
  return text.replace(/[\p{Cf}\p{Cs}]|(?![\n\t])\p{Cc}/gu, '\uFFFD');
}
