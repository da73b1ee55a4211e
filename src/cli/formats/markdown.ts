/** `markdown`: for a comment on a change, a job summary or an issue. */
import { counted } from '../../lib/counted.ts';
import { printable } from '../terminal/printable.ts';
import { ledgerLines } from './ledger-text.ts';
import type { FormatInput, ReportFinding, SuppressedFinding, View } from './view.ts';
import { caveats, emptyVerdict, freshness, omissions, otherNames, suppressionText } from './words.ts';

/** Comments and summaries have a limit, and findings need the room. */
const MAX_UNACCOUNTED = 50;

export function markdown({ view, top }: FormatInput): string {
  const { summary } = view;
  const counts = Object.entries(summary.bySeverity).flatMap(([severity, count]) =>
    count > 0 ? [`${count} ${severity}`] : [],
  );
  const verdict =
    summary.findings > 0
      ? `**${counted(summary.findings, 'finding')}** in ${counted(summary.affectedPackages, 'package')}: ${counts.join(', ')}. ${summary.fixable} of ${summary.findings} can be fixed.`
      : `**${emptyVerdict(view)}**`;
  const open = caveats(view);
  return [
    `## Vulnerabilities of ${text(view.target.name)}`,
    '',
    ...(open.length > 0 ? ['> [!WARNING]', ...open.map((line) => `> ${text(line)}  `), ''] : []),
    verdict,
    '',
    ...(summary.findings > 0
      ? [...table(view.findings.slice(0, top)), '', ...rest(view.findings.length, top)]
      : []),
    ...omissions(view).map((line) => `- ${text(line)}`),
    ...(omissions(view).length > 0 ? [''] : []),
    ...(view.suppressed.length > 0 ? [...suppressedList(view.suppressed), ''] : []),
    ...ledgerList(view),
    `<details><summary>${counted(view.packages, 'package')}, checked on ${view.created}</summary>`,
    '',
    `- Digest: ${text(view.manifest)}`,
    ...view.distributions.map((name) => `- Distribution: ${text(name)}`),
    ...view.packageTypes.map(({ type, count }) => `- ${counted(count, `${text(type)} package`)}`),
    ...freshness(view).map((line) => `- Feed: ${text(line)}`),
    '',
    '</details>',
    '',
  ].join('\n');
}

/** How many are not listed. */
function rest(count: number, top = count): string[] {
  return count > top ? [`… and ${counted(count - top, 'more finding')} (--top ${top}).`, ''] : [];
}

function table(findings: readonly ReportFinding[]): string[] {
  return [
    '| Severity | Vulnerability | Package | Installed | Fixed in | EPSS | |',
    '|---|---|---|---|---|---|---|',
    ...findings.map((finding) => {
      const { id, links, epss } = finding;
      const others = otherNames(finding);
      const notes = [
        finding.exploited && 'exploited (KEV)',
        ...(finding.notes ?? []).map(text),
        finding.undecided && 'version not comparable',
      ];
      return `| ${[
        finding.severity,
        `${links[0] === undefined ? text(id) : `[${text(id)}](${url(links[0])})`}${others && ` (${text(others)})`}`,
        `${text(finding.package)} (${text(finding.type)})`,
        text(finding.version),
        text(finding.fixedIn) || '-',
        epss === undefined ? '-' : `${(epss * 100).toFixed(1)}%`,
        notes.filter(Boolean).join(', '),
      ].join(' | ')} |`;
    }),
  ];
}

function suppressedList(findings: readonly SuppressedFinding[]): string[] {
  return [
    `<details><summary>${findings.length} suppressed</summary>`,
    '',
    ...findings.map(
      ({ id, package: name, version, severity, suppression }) =>
        `- ${severity} ${text(id)} in ${text(name)} ${text(version)}: ${text(suppressionText(suppression))}`,
    ),
    '',
    '</details>',
  ];
}

/** The unaccounted files are folded away: an image of one's own programs has many. */
function ledgerList(view: View): string[] {
  const [totals, ...files] = ledgerLines(view, MAX_UNACCOUNTED);
  if (totals === undefined) return [];
  if (files.length === 0) return [`- ${text(totals)}`, ''];
  return [
    `<details><summary>${text(totals)}</summary>`,
    '',
    ...files.map((line) => `- ${text(line)}`),
    '',
    '</details>',
    '',
  ];
}

/** Plain text: nothing of it is markup, a cell of a table has no bars and a name mentions nobody. */
function text(plain: string): string {
  return printable(plain)
    .replace(/[\\`*_{}[\]#~!]/g, '\\$&')
    .replace(/[<>|&@]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function url(link: string): string {
  return printable(link)
    .replace(/[()<>\s|\\]/g, encodeURIComponent)
    .replaceAll('(', '%28')
    .replaceAll(')', '%29');
}
