/** `csv` (RFC 4180): a row for each finding, suppressed finding, coverage entry and feed. */
import { ledgerLines } from './ledger-text.ts';
import type { FormatInput, ReportFinding } from './view.ts';
import { caveats, freshness, linkedText, otherNames, suppressionText } from './words.ts';

const HEAD = [
  ...['status', 'vulnerability', 'aliases', 'severity', 'risk', 'epss', 'exploited'],
  ...['package', 'source', 'type', 'installed', 'fixed_in', 'purl', 'paths', 'remark'],
] as const;

/** Unaccounted files that are listed; the others are counted. */
const MAX_UNACCOUNTED = 100;

export function csv({ view }: FormatInput): string {
  const rows = [
    HEAD,
    ...view.findings.map((each) =>
      rowOf(each, statusOf(each), [...(each.notes ?? []), linkedText(each)].filter(Boolean).join('; ')),
    ),
    ...view.suppressed.map((each) => rowOf(each, 'suppressed', suppressionText(each.suppression))),
    ...caveats(view).map((text) => remarkRow('incomplete', text)),
    ...ledgerLines(view, MAX_UNACCOUNTED).map((text) => remarkRow('ledger', text)),
    ...freshness(view).map((text) => remarkRow('feed', text)),
  ];
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function statusOf({ undecided, linked }: ReportFinding): string {
  if (linked === 'no') return 'not_linked';
  return undecided ? 'undecided' : 'affected';
}

/** Returns a row that is not about a finding. */
function remarkRow(status: string, remark: string): string[] {
  return HEAD.map((name) => (name === 'status' ? status : name === 'remark' ? remark : ''));
}

function rowOf(finding: ReportFinding, status: string, remark: string): string[] {
  const {
    id,
    severity,
    risk,
    epss,
    exploited,
    package: name,
    sourcePackage = '',
    type,
    version,
    fixedIn,
  } = finding;
  return [
    ...[
      status,
      id,
      otherNames(finding, ' '),
      severity,
      risk.toFixed(1),
      epss === undefined ? '' : String(epss),
    ],
    ...[
      String(exploited),
      name,
      sourcePackage,
      type,
      version,
      fixedIn,
      finding.purl,
      finding.paths.join(' '),
      remark,
    ],
  ];
}

/** Returns `text` as a cell, quoted if necessary. An apostrophe precedes text that a spreadsheet would evaluate (`=cmd()`). */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
