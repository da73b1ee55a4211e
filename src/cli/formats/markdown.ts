/** `markdown`: for a comment, a job summary or an issue, within their limits of length. */
import { counted } from '../../lib/counted.ts';
import { printable } from '../terminal/printable.ts';
import { ledgerLines } from './ledger-text.ts';
import type { FormatInput, ReportFinding, SuppressedFinding, View } from './view.ts';
import {
  caveats,
  emptyVerdict,
  freshness,
  NOT_LINKED,
  omissions,
  otherNames,
  suppressionText,
} from './words.ts';

/** GitHub accepts comments of 65,536 characters and job summaries of 1 MiB; how it counts characters beyond ASCII is undocumented. */
const MAX_BYTES = 65_000;
/** Characters of one text: names have no limit. */
const MAX_TEXT = 500;
/** Shares of the space for lists other than the findings, which get the rest. */
const SHARES = { caveats: 0.25, omissions: 0.1, suppressed: 0.1, ledger: 0.1, basis: 0.1 } as const;

export function markdown({ view, top }: FormatInput): string {
  const { summary } = view;
  const counts = Object.entries(summary.bySeverity).flatMap(([severity, count]) =>
    count > 0 ? [`${count} ${severity}`] : [],
  );
  const verdict =
    summary.findings > 0
      ? `**${counted(summary.findings, 'finding')}** in ${counted(summary.affectedPackages, 'package')}: ${counts.join(', ')}. ${summary.fixable} of ${summary.findings} can be fixed.`
      : `**${emptyVerdict(view)}**`;
  const open = bounded(
    caveats(view).map((line) => `> ${text(line)}  `),
    SHARES.caveats,
    (n) => `> … and ${n} more  `,
  );
  const before = [
    `## Vulnerabilities of ${text(view.target.name)}`,
    '',
    ...(open.length > 0 ? ['> [!WARNING]', ...open, ''] : []),
    verdict,
    '',
  ];
  const left = bounded(
    omissions(view).map((line) => `- ${text(line)}`),
    SHARES.omissions,
    (n) => `- … and ${n} more`,
  );
  const after = [
    ...left,
    ...(left.length > 0 ? [''] : []),
    ...(view.suppressed.length > 0 ? [...suppressedList(view.suppressed), ''] : []),
    ...ledgerList(view),
    ...basis(view),
  ];
  const room = MAX_BYTES - sizeOf(before) - sizeOf(after);
  return [...before, ...findingsTable(view.findings, room, top), ...after].join('\n');
}

function basis(view: View): string[] {
  const lines = [
    ...view.distributions.map((name) => `- Distribution: ${text(name)}`),
    ...freshness(view).map((line) => `- Feed: ${text(line)}`),
    ...view.packageTypes.map(({ type, count }) => `- ${counted(count, `${text(type)} package`)}`),
  ];
  return [
    `<details><summary>${counted(view.packages, 'package')}, checked on ${view.created}</summary>`,
    '',
    `- Digest: ${text(view.manifest)}`,
    ...bounded(lines, SHARES.basis, (n) => `- … and ${n} more`),
    '',
    '</details>',
    '',
  ];
}

/** Returns those of `lines` that fit into a share of the space, and a line with the number of others. */
function bounded(lines: readonly string[], share: number, more: (count: number) => string): string[] {
  const fitting = fit(lines, MAX_BYTES * share);
  return fitting === lines.length ? [...lines] : [...lines.slice(0, fitting), more(lines.length - fitting)];
}

/** Returns how many of `lines` fit into `room` bytes. */
function fit(lines: readonly string[], room: number): number {
  let used = 0;
  const over = lines.findIndex((line) => (used += sizeOf([line])) > room);
  return over < 0 ? lines.length : over;
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
}

/** Returns rows for as many findings as fit, at most `top`; the others are counted. */
function findingsTable(findings: readonly ReportFinding[], room: number, top = findings.length): string[] {
  if (findings.length === 0) return [];
  const rows = findings.slice(0, top).map(rowOf);
  const listed = fit(rows, room - MORE_ROOM);
  const left = findings.length - listed;
  const why = listed < rows.length ? 'other formats list them' : `--top ${top}`;
  return [
    ...HEAD,
    ...rows.slice(0, listed),
    '',
    ...(left > 0 ? [`… and ${counted(left, 'more finding')} (${why}).`, ''] : []),
  ];
}

const MAX_UNACCOUNTED = 50;
/** Bytes for the head of the table and the line below it. */
const MORE_ROOM = 300;

const HEAD = [
  '| Severity | Vulnerability | Package | Installed | Fixed in | EPSS | |',
  '|---|---|---|---|---|---|---|',
];

function rowOf(finding: ReportFinding): string {
  const { id, links, epss } = finding;
  const others = otherNames(finding);
  const notes = [
    finding.exploited && 'exploited (KEV)',
    ...(finding.notes ?? []).map(text),
    finding.undecided && 'version not comparable',
    finding.linked === 'no' && NOT_LINKED,
  ];
  return `| ${[
    finding.severity,
    `${links[0] === undefined || links[0].length > MAX_TEXT ? text(id) : `[${text(id)}](${url(links[0])})`}${others && ` (${text(others)})`}`,
    `${text(finding.package)} (${text(finding.type)})`,
    text(finding.version),
    text(finding.fixedIn) || '-',
    epss === undefined ? '-' : `${(epss * 100).toFixed(1)}%`,
    notes.filter(Boolean).join(', '),
  ].join(' | ')} |`;
}

function suppressedList(findings: readonly SuppressedFinding[]): string[] {
  return [
    `<details><summary>${findings.length} suppressed</summary>`,
    '',
    ...bounded(
      findings.map(
        ({ id, package: name, version, severity, suppression }) =>
          `- ${severity} ${text(id)} in ${text(name)} ${text(version)}: ${text(suppressionText(suppression))}`,
      ),
      SHARES.suppressed,
      (n) => `- … and ${n} more`,
    ),
    '',
    '</details>',
  ];
}

/** Returns the ledger. Unaccounted files are collapsed: an image with its own programs has many. */
function ledgerList(view: View): string[] {
  const [totals, ...files] = ledgerLines(view, MAX_UNACCOUNTED);
  if (totals === undefined) return [];
  if (files.length === 0) return [`- ${text(totals)}`, ''];
  return [
    `<details><summary>${text(totals)}</summary>`,
    '',
    ...bounded(
      files.map((line) => `- ${text(line)}`),
      SHARES.ledger,
      (n) => `- … and ${n} more`,
    ),
    '',
    '</details>',
    '',
  ];
}

/** Returns `plain` without effect as Markdown, as a table cell or as a mention, and cut if it is too long. */
function text(plain: string): string {
  const short = plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT)}…` : plain;
  return printable(short)
    .replace(/[\\`*_{}[\]#~!]/g, '\\$&')
    .replace(/[<>|&@]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function url(link: string): string {
  return printable(link)
    .replace(/[()<>\s|\\]/g, encodeURIComponent)
    .replaceAll('(', '%28')
    .replaceAll(')', '%29');
}
