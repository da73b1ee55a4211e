/** How `report` shows what a Clair, ours or a real one, said of images (clair-service.md#reports-of-a-server). */
import { posix } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { printable } from '../terminal/printable.ts';
import { writeText } from '../terminal/write-text.ts';
import type { ReportFormat } from './report-options.ts';
import type { ServiceReport } from './request-reports.ts';

// A Go program writes null for an empty map.
const mapOf = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((map) => map ?? {});
const Report = z.object({
  manifest_hash: z.string(),
  packages: mapOf(z.object({ name: z.string(), version: z.string() })),
  vulnerabilities: mapOf(z.object({ name: z.string(), fixed_in_version: z.string().default('') })),
  package_vulnerabilities: mapOf(z.array(z.string())),
  // Ours.
  undecided: mapOf(z.array(z.string())),
  incomplete: z
    .array(z.object({ what: z.string(), where: z.string().default(''), reason: z.string() }))
    .default([]),
  problems: z.array(z.object({ where: z.string(), reason: z.string() })).default([]),
});
type Report = z.output<typeof Report>;

/** Lines of text for what could not be read. */
const MAX_PROBLEMS = 20;

/** All of `reports` in one piece. Throws `bad-target` if it cannot be written. */
export async function writeServiceReports(
  format: ReportFormat,
  reports: readonly ServiceReport[],
): Promise<void> {
  await writeText(REPORTS[format](reports));
}

const REPORTS = { text, json, xml } as const satisfies Record<
  ReportFormat,
  (reports: readonly ServiceReport[]) => string
>;

/** A line for each vulnerability of a package; columns are aligned image by image. */
// clair-quirk: the fixed version is shown as the feed wrote it, for languages `fixed=1.2`
export function text(reports: readonly ServiceReport[]): string {
  return reports.map((report) => alignColumns(linesOf(report))).join('');
}

function linesOf(given: ServiceReport): string[][] {
  const name = printable(posix.basename(given.reference));
  if (given.json === undefined) return [[`${name} error ${printable(given.error?.message ?? '')}`]];
  const report = parse(given);
  const found = (word: string, byPackage: Report['undecided']): string[][] =>
    findings(report, byPackage).map(({ pkg, vulnerability }) => [
      `${name} ${word} ${printable(pkg.name)}`,
      printable(pkg.version),
      printable(vulnerability.name),
      vulnerability.fixed_in_version === '' ? '' : `(fixed: ${printable(vulnerability.fixed_in_version)})`,
    ]);
  // differs: "ok" is printed only for an image that was read and checked completely (clair-service.md#reports-of-a-server)
  const lines = [
    ...found('found', report.package_vulnerabilities),
    ...found('undecided', report.undecided),
    ...missing(report).map(({ what, where, reason }) => [
      `${name} incomplete ${[what, where, reason].filter(Boolean).map(printable).join(': ')}`,
    ]),
    ...report.problems
      .slice(0, MAX_PROBLEMS)
      .map(({ where, reason }) => [`${name} unread ${printable(where)}: ${printable(reason)}`]),
    ...(report.problems.length > MAX_PROBLEMS
      ? [[`${name} unread … and ${report.problems.length - MAX_PROBLEMS} more`]]
      : []),
  ];
  return lines.length === 0 ? [[`${name} ok`]] : lines;
}

/** What is not told by `problems` already. */
function missing({ incomplete, problems }: Report): Report['incomplete'] {
  const told = new Set(problems.map(({ where, reason }) => `${where}\0${reason}`));
  return incomplete.filter(({ where, reason }) => !told.has(`${where}\0${reason}`));
}

function findings(report: Report, byPackage: Report['undecided']) {
  return Object.entries(byPackage)
    .flatMap(([id, ids]) => {
      const pkg = report.packages[id];
      if (pkg === undefined) return [];
      return ids.flatMap((key) => {
        const vulnerability = report.vulnerabilities[key];
        return vulnerability === undefined ? [] : [{ id, pkg, vulnerability }];
      });
    })
    .sort(
      (a, b) =>
        compare(a.pkg.name, b.pkg.name) ||
        compare(a.pkg.version, b.pkg.version) ||
        compare(a.id, b.id) ||
        compare(a.vulnerability.name, b.vulnerability.name),
    );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function alignColumns(rows: readonly string[][]): string {
  const widths: number[] = [];
  for (const row of rows) {
    // The last cell of a line is not padded, and what stands alone is no column.
    for (const [column, cell] of row.slice(0, -1).entries())
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join(' ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** The reports as they came, one a line; `null` stands for one that failed. */
// differs: a line each, where Clair writes them without anything between (clair-service.md#reports-of-a-server)
export function json(reports: readonly ServiceReport[]): string {
  return reports.map((report) => `${report.json === undefined ? 'null' : report.json.trim()}\n`).join('');
}

/** JUnit: a suite for each image, a case for each package, a failure for one with vulnerabilities. */
// differs: a report that failed is a suite with an error, where Clair writes nothing or crashes (clair-service.md#reports-of-a-server)
export function xml(reports: readonly ServiceReport[]): string {
  const suites = reports.map((report) => (report.json === undefined ? failedSuite(report) : suiteOf(report)));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>${suites.join('')}</testsuites>\n`;
}

function suiteOf(given: ServiceReport): string {
  const report = parse(given);
  const ids = Object.keys(report.packages);
  const byPackage = Map.groupBy(findings(report, report.package_vulnerabilities), ({ id }) => id);
  const cases = ids.map((id) => {
    const { name, version } = report.packages[id]!;
    const hits = byPackage.get(id) ?? [];
    const lines = [
      'Found the following vulnerabilities:',
      ...hits.map(({ vulnerability }) => `\t${vulnerability.name}`),
    ];
    const failure = hits.length === 0 ? '' : `<failure>${escapeXml(lines.join('\n'))}</failure>`;
    return testCase(`${name} ${version}`, failure);
  });
  const errors = [
    ...missing(report).map(({ what, where, reason }) => errorCase(where || what, `not checked: ${reason}`)),
    ...report.problems.map(({ where, reason }) => errorCase(where, `not read: ${reason}`)),
    ...findings(report, report.undecided).map(({ pkg, vulnerability }) =>
      errorCase(`${pkg.name} ${pkg.version} ${vulnerability.name}`, 'the version could not be compared'),
    ),
  ];
  return suite(given, [...cases, ...errors], { errors: errors.length, failures: byPackage.size });
}

function failedSuite(report: ServiceReport): string {
  return suite(report, [errorCase('report', report.error?.message ?? '')], { errors: 1, failures: 0 });
}

function suite(
  { reference, digest }: ServiceReport,
  cases: readonly string[],
  { errors, failures }: { errors: number; failures: number },
): string {
  const properties =
    digest === undefined
      ? ''
      : `<properties><property name="manifest" value="${escapeXml(digest)}"></property></properties>`;
  const counts = `tests="${cases.length}" errors="${errors}" failures="${failures}"`;
  return `<testsuite name="${escapeXml(reference)}" ${counts}>${properties}${cases.join('')}</testsuite>`;
}

function testCase(name: string, content: string): string {
  return `<testcase name="${escapeXml(name)}">${content}</testcase>`;
}

function errorCase(name: string, message: string): string {
  return testCase(name, `<error message="${escapeXml(message)}"></error>`);
}

/** XML 1.0 §2.2: most control characters can be in no document at all. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\uFFFD]/gu, (char) => (char.codePointAt(0)! > 0xffff ? char : '\uFFFD'))
    .replace(/[&<>"\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}

/** Throws `service` if it is no report. */
function parse({ reference, json = '' }: ServiceReport): Report {
  try {
    return Report.parse(JSON.parse(json));
  } catch (cause) {
    throw new AppError('service', `${reference}: the response is not a vulnerability report`, { cause });
  }
}
