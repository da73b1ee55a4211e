/** Text report: a compact table for grep, a summary, and the feeds that were used. */
import { counted } from '../../lib/counted.ts';
import type { FeedWire } from '../../matcher/report/report-wire.ts';
import type { ScanResult } from '../outcome/scan-result.ts';
import { painterOf } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';
import { wrap } from '../terminal/wrap.ts';
import { coverageByType, type TypeCoverage } from './coverage.ts';
import { missingText, otherProblems } from './coverage-text.ts';
import { layOut } from './finding-columns.ts';
import { formatGroups } from './format-groups.ts';
import { groupFindings } from './group-findings.ts';
import { ledgerLines } from './ledger-text.ts';
import { upgradesOf, upgradeText } from './upgrades.ts';
import type { FormatInput, View } from './view.ts';
import { emptyVerdict, notLinkedText, omissions, suppressionText } from './words.ts';

/** Lines for each kind of coverage entry. */
const MAX_LINES = 10;
/** Upgrades that the summary names. */
const UPGRADES = 3;

/** Returns the whole text, with a newline at its end. */
export function formatTable(input: FormatInput): string {
  const { view, columns } = input;
  return [
    ...(view.example === undefined ? [] : [...wrap(`EXAMPLE DATA: ${view.example}`, columns, ''), '']),
    ...listed(input),
    ...(input.showSuppressed ? suppressedLines(view).flatMap((line) => wrap(line, columns)) : []),
    ...summary(input).flatMap((line) => wrap(line, columns)),
    '',
  ].join('\n');
}

/** Returns the lines of the findings or groups, up to `top`, and the number of others. */
function listed({
  view: { findings },
  columns,
  color,
  top = Number.POSITIVE_INFINITY,
  group,
  ecosystems,
}: FormatInput): string[] {
  if (findings.length === 0) return [];
  const more = (rest: number): string[] =>
    rest > 0
      ? wrap(`… and ${rest} more (--top ${top}; list all with --format json).`, columns).concat('')
      : [];
  if (group === undefined)
    return [...layOut(findings.slice(0, top), { columns, color }), '', ...more(findings.length - top)];
  const groups = groupFindings(findings, group, ecosystems);
  const rest = groups.slice(top).reduce((sum, each) => sum + each.findings.length, 0);
  return [...formatGroups(groups.slice(0, top), group, columns), ...more(rest)];
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
  const { view, color, columns } = input;
  const { target, packages, packageTypes, manifest, distributions } = view;
  const types = packageTypes.map(({ type, count }) => `${count} ${type}`);
  const lines = [
    `${printable(target.name)} (${target.kind}): ${counted(packages, 'package')}${types.length > 0 ? ` (${types.join(', ')})` : ''}`,
    ...(distributions.length > 0 ? [distributions.map(printable).join(', ')] : []),
    manifest,
  ];
  const byType = coverageByType(input);
  const isExample = view.example !== undefined;
  if (byType.length > 1 || byType.some(({ unchecked }) => isExample || unchecked > 0))
    lines.push('', ...typeTable(byType, { isExample, color, columns }), '');
  lines.push(
    view.findings.length > 0 ? verdict(view) : emptyVerdict(view),
    ...[notLinkedText(view)].filter(Boolean),
    ...bestUpgrades(input),
    ...omissions(view).map((line) => `${printable(line)}.`),
    ...ledgerLines(view, MAX_LINES).map((line) => `${printable(line)}.`),
  );
  return lines;
}

function verdict({ findings, summary: { affectedPackages, bySeverity, fixable } }: View): string {
  const counts = Object.entries(bySeverity)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  const exploited = findings.filter((finding) => finding.exploited).length;
  const { length } = findings;
  return `${counted(length, 'finding')} in ${counted(affectedPackages, 'package')}: ${counts.join(', ')}. ${fixable} of ${length} can be fixed.${exploited > 0 ? ` ${exploited} exploited (KEV).` : ''}`;
}

/** Returns the upgrades that fix the most findings. */
function bestUpgrades({ view, ecosystems }: FormatInput): string[] {
  const best = upgradesOf(view.findings, ecosystems).slice(0, UPGRADES);
  if (best.length === 0) return [];
  return [
    'Upgrades that fix most findings:',
    ...best.map((upgrade) => `  ${printable(upgradeText(upgrade))} (${upgrade.type})`),
  ];
}

/** Returns a row for each package type, or a sentence if rows are too wide. Types that were not checked have no numbers, not zeros. */
function typeTable(
  byType: readonly TypeCoverage[],
  { isExample, color, columns }: { isExample: boolean; color: boolean; columns: number | undefined },
): string[] {
  const severities = byType[0]!.severities.map(({ severity }) => severity.toUpperCase());
  const header = ['TYPE', 'PACKAGES', ...severities, 'FIXABLE', ''];
  const rows = byType.map(({ type, packages, severities: counts, fixable, unchecked }) => {
    const isBlind = unchecked === packages;
    const number = (count: number): string => ((isBlind || isExample) && count === 0 ? '-' : String(count));
    const gap = isBlind ? 'NOT CHECKED' : unchecked > 0 && `${unchecked} NOT CHECKED`;
    const mark = [isExample && !isBlind && 'EXAMPLE DATA ONLY', gap].filter(Boolean).join(', ');
    return [
      type,
      String(packages),
      ...counts.map(({ count, hidden }) => (hidden > 0 ? `${count}+${hidden}` : number(count))),
      number(fixable),
      mark,
    ];
  });
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const { warn } = painterOf(color);
  const hasHidden = byType.some(({ severities: all }) => all.some(({ hidden }) => hidden > 0));
  const remark = hasHidden ? ['+N: hidden findings.'] : [];
  if (columns !== undefined && widths.reduce((sum, width) => sum + width + 2, -2) > columns)
    return [...rows.map((row) => sentence(header, row)), ...remark];
  const lines = [header, ...rows].map((row) =>
    row
      .map((cell, column) => {
        if (column === 0) return cell.padEnd(widths[column]!);
        return column === header.length - 1 ? warn(cell) : cell.padStart(widths[column]!);
      })
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...remark];
}

/** Returns a row as a sentence: `deb: 14 packages, 3 critical, 20 fixable, NOT CHECKED`. */
function sentence(header: readonly string[], [type, ...cells]: readonly string[]): string {
  const parts = cells.map((cell, index) => `${cell} ${header[index + 1]!.toLowerCase()}`.trim());
  return `${type}: ${parts.filter(Boolean).join(', ')}`;
}

/** Returns the feeds that were used, their age, and everything that the report does not cover, for stderr or below the table. */
export function formatBasis(result: ScanResult, now: Date, color = false, columns?: number): string {
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
  return lines
    .flatMap((line) => wrap(line, columns))
    .map((line) => `${line}\n`)
    .join('');
}

function more(length: number): string[] {
  return length > MAX_LINES
    ? [`… and ${length - MAX_LINES} more that were not read (list all with --format json).`]
    : [];
}

function ageOf(feeds: readonly FeedWire[], now: Date): string {
  const rows = feeds.reduce((sum, feed) => sum + feed.rows, 0);
  const times = feeds.flatMap(({ last_success: at }) => (at === undefined ? [] : [Date.parse(at)]));
  if (times.length === 0) return 'never loaded';
  const states = [...new Set(feeds.map(({ state }) => state))].filter((state) => state !== 'ok');
  return [
    counted(rows, 'advisory', 'advisories'),
    `${formatAge(now.getTime() - Math.min(...times))} old`,
    ...states,
  ].join(', ');
}

/** Returns a duration in ms as text: `45 s`, `12 min`, `5 h`, `3 d`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 49 ? `${hours} h` : `${Math.round(hours / 24)} d`;
}
