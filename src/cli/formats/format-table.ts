/** The report for people: a compact table that greps well, then what it amounts to and what it rests on. */
import type { FeedWire } from '../../matcher/report-wire.ts';
import type { ScanResult } from '../outcome/scan-result.ts';
import { painterOf } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';
import { coverageByType, type TypeCoverage } from './coverage.ts';
import { missingText, otherProblems } from './coverage-text.ts';
import { layOut } from './finding-columns.ts';
import type { FormatInput, View } from './view.ts';
import { emptyVerdict, omissions, suppressionText } from './words.ts';

/** Of each kind of what is missing. */
const MAX_LINES = 10;

/** The whole text, with a newline at its end. */
export function formatTable(input: FormatInput): string {
  const { view, columns, color } = input;
  return [
    ...(view.example === undefined ? [] : [`EXAMPLE DATA: ${view.example}`, '']),
    ...(view.findings.length > 0 ? [...layOut(view.findings, { columns, color }), ''] : []),
    ...(input.showSuppressed ? suppressedLines(view) : []),
    ...summary(input),
    '',
  ].join('\n');
}

function suppressedLines({ suppressed }: View): string[] {
  if (suppressed.length === 0) return [];
  return [
    'SUPPRESSED',
    ...suppressed.map(
      ({ package: name, version, id, severity, suppression }) =>
        `${printable(name)}  ${printable(version)}  ${printable(id)}  ${severity}  ${printable(suppressionText(suppression))}`,
    ),
    '',
  ];
}

function summary(input: FormatInput): string[] {
  const { view, color } = input;
  const { target, packages, packageTypes, manifest, distributions } = view;
  const types = packageTypes.map(({ type, count }) => `${count} ${type}`);
  const lines = [
    `${printable(target.name)} (${target.kind}): ${packages} packages${types.length > 0 ? ` (${types.join(', ')})` : ''}`,
    ...(distributions.length > 0 ? [distributions.map(printable).join(', ')] : []),
    manifest,
  ];
  const byType = coverageByType(input);
  if (byType.length > 1 || byType.some(({ unchecked }) => unchecked > 0))
    lines.push('', ...typeTable(byType, view.example !== undefined, color), '');
  lines.push(
    view.findings.length > 0 ? verdict(view) : emptyVerdict(view),
    ...omissions(view).map((line) => `${printable(line)}.`),
  );
  return lines;
}

function verdict({ findings, summary: { affectedPackages, bySeverity, fixable } }: View): string {
  const counts = Object.entries(bySeverity)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  const exploited = findings.filter((finding) => finding.exploited).length;
  const { length } = findings;
  return `${length} findings in ${affectedPackages} packages: ${counts.join(', ')}. ${fixable} of ${length} can be fixed.${exploited > 0 ? ` ${exploited} known to be exploited (KEV).` : ''}`;
}

/** A row for each type of package; where nobody looked there are no numbers, least of all zeros. */
function typeTable(byType: readonly TypeCoverage[], isExample: boolean, color: boolean): string[] {
  const severities = byType[0]!.severities.map(({ severity }) => severity.toUpperCase());
  const header = ['TYPE', 'PACKAGES', ...severities, 'FIXABLE', ''];
  const rows = byType.map(({ type, packages, severities: counts, fixable, unchecked }) => {
    const isBlind = unchecked === packages;
    const number = (count: number): string => (isBlind && count === 0 ? '-' : String(count));
    const gap = isBlind ? 'NOT CHECKED' : `${unchecked} NOT CHECKED`;
    const mark = unchecked === 0 ? '' : isExample ? 'EXAMPLE DATA ONLY' : gap;
    return [type, String(packages), ...counts.map(({ count }) => number(count)), number(fixable), mark];
  });
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const { warn } = painterOf(color);
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => {
        if (column === 0) return cell.padEnd(widths[column]!);
        return column === header.length - 1 ? warn(cell) : cell.padStart(widths[column]!);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** What the report was checked against and how old that is, and all that it does not cover: for stderr or below the table. */
export function formatBasis(result: ScanResult, now: Date, color = false): string {
  const { warn } = painterOf(color);
  const lines: string[] = [];
  const byScope = Map.groupBy(result.feeds, ({ scope }) => scope);
  if (byScope.size > 0) {
    const parts = [...byScope].map(([scope, feeds]) => `${scope} (${ageOf(feeds, now)})`);
    lines.push(`Checked against: ${parts.join(', ')}.`);
  }
  const { incomplete, accepted } = result;
  const others = otherProblems(result.problems, [...incomplete, ...accepted]);
  for (const [, entries] of Map.groupBy(incomplete, ({ kind }) => kind)) {
    for (const entry of entries.slice(0, MAX_LINES))
      lines.push(`${warn('NOT CHECKED:')} ${printable(missingText(entry))}.`);
    lines.push(...more(entries.length));
  }
  for (const { source, where, reason } of others.slice(0, MAX_LINES))
    lines.push(`Not read: ${source}: ${printable(where)}: ${printable(reason)}`);
  lines.push(...more(others.length));
  return lines.map((line) => `${line}\n`).join('');
}

function more(length: number): string[] {
  return length > MAX_LINES
    ? [`… and ${length - MAX_LINES} more that were not read (all of them: --format json).`]
    : [];
}

function ageOf(feeds: readonly FeedWire[], now: Date): string {
  const rows = feeds.reduce((sum, feed) => sum + feed.rows, 0);
  const times = feeds.flatMap(({ last_success: at }) => (at === undefined ? [] : [Date.parse(at)]));
  if (times.length === 0) return 'never loaded';
  const states = [...new Set(feeds.map(({ state }) => state))].filter((state) => state !== 'ok');
  return [`${rows} advisories`, `${formatAge(now.getTime() - Math.min(...times))} old`, ...states].join(', ');
}

/** `45 s`, `12 min`, `5 h`, `3 d`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 49 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
