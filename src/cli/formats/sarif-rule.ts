/** SARIF rules: a vulnerability with severity, packages and remediation, as text and Markdown. */
import { rankOf, type Severity } from '../../model/severity.ts';
import { severityOfScore } from './cvss-class.ts';
import type { ReportFinding } from './view.ts';

/** Scores for vulnerabilities without a CVSS score, from the middle of the class: GitHub sorts and gates by them. */
const SCORES: Readonly<Record<Severity, string>> = {
  Critical: '9.5',
  High: '8.0',
  Medium: '5.5',
  Low: '2.0',
  Negligible: '0.5',
  Unknown: '0.0',
};

// GitHub, "SARIF support for code scanning": 1024 characters of a text are shown.
const MAX_TEXT = 1000;
const MAX_LINKS = 20;
/** Packages that a rule lists; the others are counted. */
const MAX_PACKAGES = 20;
const MAX_DESCRIPTION = 4000;

/** Returns the rule of the vulnerability `id`. `findings` are all findings of it. */
export function ruleOf(id: string, findings: readonly ReportFinding[]): object {
  const worst = findings.toSorted((a, b) => rankOf(b.severity) - rankOf(a.severity))[0]!;
  const score = Math.max(...findings.map(({ cvss }) => cvss?.score ?? 0));
  // The severity of the findings counts, as everywhere: a score of another class would show another one.
  const isOfClass = severityOfScore(score) === worst.severity;
  const links = [...new Set(findings.flatMap((finding) => finding.links))].slice(0, MAX_LINKS);
  const text = worst.description || `${id} has no description.`;
  const aliases = [...new Set(findings.flatMap((finding) => finding.aliases))];
  const packages = [...new Set(findings.map((each) => each.package))];
  return {
    id,
    name: nameOf(id, packages[0] ?? ''),
    shortDescription: { text: cut(`${id} in ${packages.slice(0, 5).join(', ')}`) },
    fullDescription: { text: cut(text) },
    help: {
      text: [text, ...(aliases.length > 0 ? [`Also known as ${aliases.join(', ')}`] : []), ...links].join(
        '\n',
      ),
      markdown: markdownOf(id, worst, findings, { text, aliases, links }),
    },
    ...(links[0] !== undefined && { helpUri: links[0] }),
    defaultConfiguration: { level: levelOf(worst.severity) },
    properties: {
      'security-severity': isOfClass ? score.toFixed(1) : SCORES[worst.severity],
      precision: 'high',
      ...(aliases.length > 0 && { aliases }),
      tags: ['security', 'vulnerability', worst.severity.toLowerCase()],
    },
  };
}

export function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  if (severity === 'Critical' || severity === 'High') return 'error';
  return severity === 'Medium' || severity === 'Unknown' ? 'warning' : 'note';
}

export function cut(text: string, limit = MAX_TEXT): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}

/** Returns a readable identifier (SARIF 2.1.0 §3.49.7). Validators reject one that equals the id. */
function nameOf(id: string, name: string): string {
  const pascal = (text: string): string =>
    text
      .replace(/[^A-Za-z0-9]+/g, ' ')
      .trim()
      .split(' ')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
      .join('');
  return cut(`${pascal(id)}In${pascal(name) || 'Package'}`, 200);
}

function markdownOf(
  id: string,
  worst: ReportFinding,
  findings: readonly ReportFinding[],
  { text, aliases, links }: { text: string; aliases: readonly string[]; links: readonly string[] },
): string {
  const { severity, severitySource, cvss, epss } = worst;
  const facts = [
    ['Severity', [severity, severitySource && `by ${severitySource}`].filter(Boolean).join(' ')],
    ['CVSS', cvss ? `${cvss.score} (${cvss.vector})` : ''],
    ['EPSS', epss === undefined ? '' : `${(epss * 100).toFixed(1)}%`],
    ['Exploited', findings.some(({ exploited }) => exploited) ? 'yes, listed by CISA (KEV)' : ''],
    ['Also known as', aliases.join(', ')],
  ].filter(([, value]) => value !== '');
  const rows = [
    ...new Set(
      findings.map(
        ({ package: name, version, fixedIn }) =>
          `| ${[name, version, fixedIn || 'no fix'].map(plain).join(' | ')} |`,
      ),
    ),
  ];
  return [
    `**${plain(id)}**`,
    '',
    plain(cut(text, MAX_DESCRIPTION)),
    '',
    ...facts.map(([name, value]) => `- ${name}: ${plain(value!)}`),
    '',
    '| Package | Installed | Fixed in |',
    '|---|---|---|',
    ...rows.slice(0, MAX_PACKAGES),
    ...(rows.length > MAX_PACKAGES ? ['', `… and ${rows.length - MAX_PACKAGES} more`] : []),
    '',
    ...links.map((link) => `- <${link.replace(/[<>\s]/g, encodeURIComponent)}>`),
  ].join('\n');
}

/** Returns `text` in one line and without effect as markup: it comes from feeds and images. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]#~!]/g, '\\$&')
    .replace(/[<>|&@]/g, (char) => `&#${char.charCodeAt(0)};`);
}
