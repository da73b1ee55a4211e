/** The report for people: a compact table that greps well, then what it amounts to and what it rests on. */
import { createColors } from 'picocolors';
import type { FeedWire } from '../matcher/report-wire.ts';
import { rankOf, SEVERITIES, type Severity } from '../model/severity.ts';
import { printable } from './printable.ts';
import { type Match, type ScanResult, typeOf } from './scan-result.ts';

export interface TableOptions {
  readonly color: boolean;
}

const HEADER = ['NAME', 'INSTALLED', 'FIXED IN', 'TYPE', 'VULNERABILITY', 'SEVERITY', 'EPSS', ''];
const SEVERITY = HEADER.indexOf('SEVERITY');
const MAX_PROBLEMS = 10;

/** The whole text, with a newline at its end. */
export function formatTable(result: ScanResult, matches: readonly Match[], options: TableOptions): string {
  return [
    ...(result.example === undefined ? [] : [`EXAMPLE DATA: ${result.example}`, '']),
    ...(matches.length > 0 ? [...table(matches, options), ''] : []),
    ...summary(result, matches),
    '',
  ].join('\n');
}

function table(matches: readonly Match[], { color }: TableOptions): string[] {
  const rows = matches.map((match) => [
    printable(match.name),
    printable(match.version),
    printable(match.fixedIn) || '-',
    match.type,
    printable(match.vulnerability),
    match.severity,
    match.epss === undefined ? '-' : `${(match.epss * 100).toFixed(1)}%`,
    [match.exploited && 'KEV', match.undecided && 'version not comparable'].filter(Boolean).join(', '),
  ]);
  const widths = HEADER.map((title, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), title.length),
  );
  const line = (cells: readonly string[], severity?: Severity): string =>
    cells
      .map((cell, column) => {
        const gap = ' '.repeat((widths[column] ?? 0) - cell.length);
        return (color && severity !== undefined && column === SEVERITY ? paint(severity) : cell) + gap;
      })
      .join('  ')
      .trimEnd();
  return [line(HEADER), ...rows.map((row, index) => line(row, matches[index]?.severity))];
}

function paint(severity: Severity): string {
  const colors = createColors(true);
  switch (severity) {
    case 'Critical':
      return colors.bold(colors.magenta(severity));
    case 'High':
      return colors.red(severity);
    case 'Medium':
      return colors.yellow(severity);
    case 'Low':
      return colors.cyan(severity);
    case 'Negligible':
    case 'Unknown':
      return colors.gray(severity);
  }
}

function summary(result: ScanResult, matches: readonly Match[]): string[] {
  const packages = Object.values(result.report.packages);
  const types = [...Map.groupBy(packages, ({ detector }) => typeOf(detector))].map(
    ([type, { length }]) => `${length} ${type}`,
  );
  const fixable = matches.filter(({ fixedIn }) => fixedIn !== '').length;
  const counts = [...SEVERITIES]
    .sort((a, b) => rankOf(b) - rankOf(a))
    .map((severity) => ({ severity, count: matches.filter((match) => match.severity === severity).length }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) => `${count} ${severity.toLowerCase()}`);
  const affected = new Set(matches.map(({ type, name, version }) => `${type} ${name} ${version}`)).size;
  const lines = [
    `${printable(result.target.name)} (${result.target.kind}): ${packages.length} packages${types.length > 0 ? ` (${types.join(', ')})` : ''}, ${result.manifest}`,
  ];
  if (matches.length > 0) {
    lines.push(
      `${matches.length} findings in ${affected} packages: ${counts.join(', ')}. ${fixable} of ${matches.length} can be fixed.`,
    );
  } else if (result.incomplete.length === 0) {
    lines.push(packages.length === 0 ? 'No packages found.' : 'No known vulnerabilities.');
  } else {
    lines.push('No findings in what could be checked.');
  }
  return lines;
}

/** What the report was checked against and how old that is, and all that it does not cover: for stderr or below the table. */
export function formatBasis(result: ScanResult, now: Date): string {
  const lines: string[] = [];
  const byScope = Map.groupBy(result.feeds, ({ scope }) => scope);
  if (byScope.size > 0) {
    const parts = [...byScope].map(([scope, feeds]) => `${scope} (${ageOf(feeds, now)})`);
    lines.push(`Checked against: ${parts.join(', ')}.`);
  }
  for (const { what, reason } of result.incomplete)
    lines.push(`NOT CHECKED: ${printable(what)}: ${printable(reason)}.`);
  for (const { source, where, reason } of result.problems.slice(0, MAX_PROBLEMS)) {
    lines.push(`Not read: ${source}: ${printable(where)}: ${printable(reason)}`);
  }
  if (result.problems.length > MAX_PROBLEMS) {
    lines.push(
      `… and ${result.problems.length - MAX_PROBLEMS} more that could not be read (all of them: --format json).`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
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
