/** Why a vulnerability counts for an image or not, in words. */
import type { ExplainedAdvisory } from '../../matcher/findings/explain.ts';
import { comparedText, rangeText } from '../../matcher/findings/explained-words.ts';
import type { CoverageEntry } from '../../model/coverage.ts';
import { missingText } from '../formats/coverage-text.ts';
import type { ReportFinding, SuppressedFinding } from '../formats/view.ts';
import { linkedText, NOT_LINKED, suppressionText } from '../formats/words.ts';
import { printable } from '../terminal/printable.ts';

export interface ExplainedPackage {
  readonly package: string;
  readonly version: string;
  readonly type: string;
  readonly purl: string;
  readonly paths: readonly string[];
  /** Those that brought it, with the command that made each. */
  readonly layers: readonly {
    readonly digest: string;
    readonly position: number;
    readonly createdBy: string;
  }[];
  readonly advisories: readonly ExplainedAdvisory[];
  /** What a scan says of it. */
  readonly findings: readonly ReportFinding[];
  readonly suppressed: readonly SuppressedFinding[];
}

export interface Explained {
  readonly id: string;
  readonly target: string;
  readonly layerCount: number;
  readonly packages: readonly ExplainedPackage[];
  /** Whether any feed has heard of it. */
  readonly known: boolean;
  /** What was not checked. */
  readonly incomplete: readonly CoverageEntry[];
  /** Set if it rests on the example bundle. */
  readonly example?: string;
}

/** The whole text, with a newline at its end. */
export function explainText({
  id,
  target,
  layerCount,
  packages,
  known,
  incomplete,
  example,
}: Explained): string {
  const lines: string[] = example === undefined ? [] : [`EXAMPLE DATA: ${example}`, ''];
  for (const each of packages) lines.push(...packageLines(each, layerCount), '');
  if (packages.length === 0) {
    lines.push(
      known
        ? `${id}: no advisory for it names a package in ${target}.`
        : `${id}: no loaded feed contains it.`,
    );
  } else {
    const affected = packages.filter(({ findings }) => findings.length > 0).length;
    lines.push(
      `${id} affects ${affected} of ${packages.length} packages in ${target} that its advisories name.`,
    );
  }
  for (const entry of incomplete) lines.push(`NOT CHECKED: ${missingText(entry)}.`);
  return `${lines.map(printable).join('\n')}\n`;
}

function packageLines(each: ExplainedPackage, layerCount: number): string[] {
  const { package: name, version, type, purl, paths, layers, advisories, findings, suppressed } = each;
  const lines = [`${name} ${version} (${type}): ${verdictOf(each)}`];
  const line = (label: string, text: string) => lines.push(`  ${label.padEnd(10)} ${text}`);
  if (purl !== '') line('purl', purl);
  for (const path of paths) line('found in', path);
  for (const { digest, position, createdBy } of layers) {
    line('layer', `${position + 1} of ${layerCount}, ${digest}`);
    if (createdBy !== '') line('created by', createdBy.replace(/\s+/g, ' ').trim());
  }
  for (const finding of findings) {
    line('counts', countsText(finding));
    const linked = linkedText(finding);
    if (linked !== '') line('linked', linked);
  }
  for (const { suppression } of suppressed) line('suppressed', suppressionText(suppression));
  for (const advisory of advisories) {
    line(
      'advisory',
      `${advisory.id} of ${advisory.feed}, for ${advisory.kind} ${advisory.name} in ${advisory.scope}`,
    );
    line(
      '  since',
      advisory.since === null
        ? 'before the oldest stored run'
        : `${advisory.since.toISOString()} (run ${advisory.run})`,
    );
    line('  range', rangeText(advisory));
    line('  compared', comparedText(advisory));
  }
  return lines;
}

function verdictOf({ findings, suppressed }: ExplainedPackage): string {
  if (findings.length > 0 && findings.every(({ linked }) => linked === 'no')) return NOT_LINKED.toUpperCase();
  if (findings.length > 0)
    return findings.every(({ undecided }) => undecided) ? 'MAY BE AFFECTED' : 'AFFECTED';
  return suppressed.length > 0 ? 'AFFECTED, SUPPRESSED' : 'not affected';
}

function countsText({
  severity,
  severitySource,
  fixedIn,
  epss,
  exploited,
  notes = [],
  cvss,
}: ReportFinding): string {
  return [
    severitySource === '' ? severity : `${severity} (${severitySource})`,
    fixedIn === '' ? 'no fix' : `fixed in ${fixedIn}`,
    ...(cvss ? [`CVSS ${cvss.score} (${cvss.source})`] : []),
    ...(epss === undefined ? [] : [`EPSS ${(epss * 100).toFixed(1)}%`]),
    ...(exploited ? ['exploited (KEV)'] : []),
    ...notes,
  ].join(', ');
}
