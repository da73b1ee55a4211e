/** Table of findings: a line for each, as wide as the terminal allows. */

import { painterOf } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';
import { wrap } from '../terminal/wrap.ts';
import type { ReportFinding } from './view.ts';
import { NOT_LINKED, otherNames } from './words.ts';

export interface TableWidth {
  /** Columns of the terminal; undefined: no terminal, so nothing is cut or omitted. */
  readonly columns?: number | undefined;
  readonly color: boolean;
}

interface Column {
  readonly title: string;
  readonly cell: (finding: ReportFinding) => string;
  /** Least number of characters if the column is cut; undefined: never cut. */
  readonly least?: number;
  /** Cut in the middle, because versions differ at their ends. */
  readonly keepsEnd?: true;
}

const EPSS: Column = {
  title: 'EPSS',
  cell: ({ epss }) => (epss === undefined ? '-' : `${(epss * 100).toFixed(1)}%`),
};

const RISK: Column = { title: 'RISK', cell: ({ risk }) => risk.toFixed(1) };

const ALIASES: Column = { title: 'ALIASES', cell: (finding) => printable(otherNames(finding, ' ')) };

const COLUMNS: readonly Column[] = [
  { title: 'NAME', cell: (finding) => printable(finding.package), least: 12 },
  { title: 'INSTALLED', cell: ({ version }) => printable(version), least: 10, keepsEnd: true },
  { title: 'FIXED IN', cell: ({ fixedIn }) => printable(fixedIn) || '-' },
  { title: 'TYPE', cell: ({ type }) => type },
  { title: 'VULNERABILITY', cell: ({ id }) => printable(id) },
  { title: 'SEVERITY', cell: ({ severity }) => severity },
  EPSS,
  RISK,
  { title: '', cell: notesOf },
  ALIASES,
];
const GAP = 2;
const MIN_TEXT = 24;
const MAX_TEXT = 100;

/**
 * Returns a line for each finding. Ids and fixed versions are never cut, so that grep finds them. In a narrow terminal, other columns
 * are omitted or cut. If that is still too wide, each finding has several lines.
 */
export function layOut(findings: readonly ReportFinding[], { columns, color }: TableWidth): string[] {
  const cells = new Map(COLUMNS.map((column) => [column, findings.map(column.cell)]));
  const natural = new Map(
    COLUMNS.map((column) => [
      column,
      cells.get(column)!.reduce((width, cell) => Math.max(width, cell.length), column.title.length),
    ]),
  );
  const hasAliases = findings.some(({ aliases }) => aliases.length > 0);
  const hasEpss = findings.some(({ epss }) => epss !== undefined);
  const { shown, widths } = fit(natural, columns, { hasEpss, hasAliases });
  if (columns !== undefined && widthOf(shown, widths) > columns) return stack(findings, columns);
  const text = columns === undefined ? 0 : Math.min(MAX_TEXT, columns - widthOf(shown, widths) - GAP);
  const { severity: paint, dim } = painterOf(color);
  const line = (row: number): string => {
    const parts = shown.map((column) => {
      const width = widths.get(column)!;
      const cell = cut(row < 0 ? column.title : cells.get(column)![row]!, width, column.keepsEnd);
      const isSeverity = row >= 0 && column.title === 'SEVERITY';
      return (isSeverity ? paint(findings[row]!.severity) : cell) + ' '.repeat(width - cell.length);
    });
    if (text >= MIN_TEXT) parts.push(row < 0 ? 'ABOUT' : dim(cut(aboutOf(findings[row]!), text)));
    return parts.join(' '.repeat(GAP)).trimEnd();
  };
  return [-1, ...findings.keys()].map(line);
}

type Widths = ReadonlyMap<Column, number>;

/** Omits ALIASES, TYPE and an empty EPSS, then cuts columns, the widest first, and omits EPSS and RISK last. */
function fit(
  natural: Widths,
  columns: number | undefined,
  { hasEpss, hasAliases }: { hasEpss: boolean; hasAliases: boolean },
): { shown: readonly Column[]; widths: Widths } {
  let shown = COLUMNS.filter(
    (column) => (column.title !== '' || natural.get(column)! > 0) && (column !== ALIASES || hasAliases),
  );
  const widths = new Map(natural);
  if (columns === undefined) return { shown, widths };
  if (widthOf(shown, widths) > columns) shown = shown.filter((column) => column !== ALIASES);
  const isNarrow = widthOf(shown, widths) > columns;
  // Nothing but dashes: there are no EPSS data at all.
  if (isNarrow && !hasEpss) shown = shown.filter((column) => column !== EPSS);
  if (widthOf(shown, widths) > columns) shown = shown.filter(({ title }) => title !== 'TYPE');
  while (widthOf(shown, widths) > columns) {
    const [widest] = shown
      .filter((column) => column.least !== undefined && widths.get(column)! > column.least)
      .sort((a, b) => widths.get(b)! - widths.get(a)!);
    if (widest === undefined) {
      const last = [EPSS, RISK].find((column) => shown.includes(column));
      if (last === undefined) break;
      shown = shown.filter((column) => column !== last);
      continue;
    }
    widths.set(widest, widths.get(widest)! - 1);
  }
  return { shown, widths };
}

function widthOf(shown: readonly Column[], widths: Widths): number {
  return shown.reduce((sum, column) => sum + widths.get(column)! + GAP, -GAP);
}

function cut(text: string, width: number, keepsEnd = false): string {
  if (text.length <= width) return text;
  const end = keepsEnd ? Math.floor(width / 2) : 0;
  return `${text.slice(0, Math.max(0, width - 1 - end))}…${end === 0 ? '' : text.slice(-end)}`;
}

/** Returns several lines for each finding, for the narrowest terminals and the longest versions: nothing is cut. */
function stack(findings: readonly ReportFinding[], columns: number): string[] {
  return findings.flatMap((finding) => {
    const { id, severity, risk, version, fixedIn, type } = finding;
    const notes = printable(notesOf(finding));
    const fix = fixedIn === '' ? 'no fix' : `fixed in ${printable(fixedIn)}`;
    return [
      ...wrap(
        `${printable(id)}  ${severity}  ${risk.toFixed(1)}${notes === '' ? '' : `  ${notes}`}`,
        columns,
      ),
      ...wrap(`  ${printable(finding.package)} ${printable(version)} (${type}), ${fix}`, columns, '    '),
    ];
  });
}

/** Returns the marks of a finding; '' if it has none. */
export function notesOf({ exploited, notes = [], undecided, linked }: ReportFinding): string {
  return [exploited && 'KEV', ...notes, undecided && 'version not comparable', linked === 'no' && NOT_LINKED]
    .filter(Boolean)
    .join(', ');
}

/** Returns the first sentence of the description, cut if it is long. */
function aboutOf({ description }: ReportFinding): string {
  const line = printable(description.replace(/\s+/g, ' ').trim());
  return /^(.{20,}?[.:])(?: |$)/.exec(line)?.[1] ?? line;
}
