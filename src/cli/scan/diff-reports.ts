/** What differs between two scans. */
import { counted } from '../../lib/counted.ts';
import type { FormatInput, ReportFinding, View } from '../formats/view.ts';
import { caveats } from '../formats/words.ts';
import { painterOf } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';

export interface ReportDiff {
  readonly from: Side;
  readonly to: Side;
  readonly added: readonly ReportFinding[];
  readonly removed: readonly ReportFinding[];
  /** The same vulnerability in the same package, with another severity or fix. */
  readonly changed: readonly { readonly before: ReportFinding; readonly after: ReportFinding }[];
  readonly unchanged: number;
}

export interface Side {
  readonly target: View['target'];
  readonly manifest: string;
  /** Of the feeds, if not those of now; RFC 3339. */
  readonly at?: string;
  readonly findings: number;
  readonly complete: boolean;
  readonly caveats: readonly string[];
}

/**
 * A vulnerability of a package is the same whatever version of the package has it, however often it is there, and under
 * any of its names: it may have got its CVE meanwhile.
 */
export function diffReports(
  from: FormatInput,
  to: FormatInput,
  [fromAt, toAt]: readonly (Date | undefined)[],
): ReportDiff {
  const [before, after] = [distinct(from.view.findings), distinct(to.view.findings)];
  const [knownBefore, knownAfter] = [byName(before), byName(after)];
  const both = after.flatMap((finding) => {
    const same = sameIn(knownBefore, finding);
    return same === undefined ? [] : { before: same, after: finding };
  });
  const changed = both.filter(
    ({ before: a, after: b }) => a.severity !== b.severity || a.fixedIn !== b.fixedIn,
  );
  return {
    from: sideOf(from, fromAt),
    to: sideOf(to, toAt),
    added: after.filter((finding) => sameIn(knownBefore, finding) === undefined),
    removed: before.filter((finding) => sameIn(knownAfter, finding) === undefined),
    changed,
    unchanged: both.length - changed.length,
  };
}

function distinct(findings: readonly ReportFinding[]): ReportFinding[] {
  return [...new Map(findings.toReversed().map((each) => [keyOf(each, each.id), each])).values()].reverse();
}

function byName(findings: readonly ReportFinding[]): Map<string, ReportFinding> {
  const found = new Map<string, ReportFinding>();
  for (const finding of findings.toReversed())
    for (const name of namesOf(finding)) found.set(keyOf(finding, name), finding);
  return found;
}

function sameIn(
  found: ReadonlyMap<string, ReportFinding>,
  finding: ReportFinding,
): ReportFinding | undefined {
  return namesOf(finding)
    .map((name) => found.get(keyOf(finding, name)))
    .find((each) => each !== undefined);
}

/** The vulnerabilities that an erratum covers are none of its own names. */
function namesOf({ id, aliases, covers }: ReportFinding): string[] {
  return [id, ...aliases.filter((alias) => !covers.includes(alias))];
}

function keyOf({ type, package: name }: ReportFinding, id: string): string {
  return JSON.stringify([type, name, id]);
}

function sideOf({ view }: FormatInput, at: Date | undefined): Side {
  return {
    target: view.target,
    manifest: view.manifest,
    ...(at && { at: at.toISOString() }),
    findings: view.findings.length,
    complete: view.complete,
    caveats: caveats(view),
  };
}

/** `+` came, `-` went, `~` is another; a line each. */
export function diffText(
  { from, to, added, removed, changed, unchanged }: ReportDiff,
  color: boolean,
): string {
  const rows = [
    ...added.map((finding) => ['+', ...cellsOf(finding), fixOf(finding)]),
    ...removed.map((finding) => ['-', ...cellsOf(finding), fixOf(finding)]),
    ...changed.map(({ before, after }) => ['~', ...cellsOf(after), changeOf(before, after)]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const severities = [...added, ...removed, ...changed.map(({ after }) => after)].map(
    ({ severity }) => severity,
  );
  const { severity: paint, warn } = painterOf(color);
  const lines = rows.map((row, index) =>
    row
      .map((cell, column) => {
        const gap = ' '.repeat(widths[column]! - cell.length);
        return (column === SEVERITY ? paint(severities[index]!) : cell) + gap;
      })
      .join('  ')
      .trimEnd(),
  );
  return [
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    `From ${sideText(from)}`,
    `to   ${sideText(to)}:`,
    `${added.length} came, ${removed.length} went, ${changed.length} changed, ${unchanged} stayed.`,
    ...[...new Set([...from.caveats, ...to.caveats])].map(
      (line) => `${warn('NOT COMPLETE:')} ${printable(line)}`,
    ),
    '',
  ].join('\n');
}

const SEVERITY = 5;

function cellsOf({ package: name, version, type, id, severity }: ReportFinding): string[] {
  return [printable(name), printable(version), type, printable(id), severity];
}

function fixOf({ fixedIn }: ReportFinding): string {
  return fixedIn === '' ? 'no fix' : `fixed in ${printable(fixedIn)}`;
}

function changeOf(before: ReportFinding, after: ReportFinding): string {
  return [
    before.severity !== after.severity && `was ${before.severity}`,
    before.fixedIn !== after.fixedIn && `${fixOf(after)}, was: ${fixOf(before)}`,
  ]
    .filter(Boolean)
    .join('; ');
}

function sideText({ target, at, findings }: Side): string {
  return `${printable(target.name)} (${target.kind}${at === undefined ? '' : `, feeds of ${at}`}): ${counted(findings, 'finding')}`;
}
