/** `junit`: JUnit XML for CI systems, with a test case for each finding and each feed. */
import { counted } from '../../lib/counted.ts';
import { missingText, otherProblems } from './coverage-text.ts';
import { ledgerLines } from './ledger-text.ts';
import type { FormatInput, ReportFinding, SuppressedFinding, View } from './view.ts';
import { freshness, linkedText, omissions, otherNames, suppressionText, UNDECIDED } from './words.ts';

/** Unaccounted files that are listed; the others are counted. */
const MAX_UNACCOUNTED = 100;

export function junit({ view }: FormatInput): string {
  const suites = [
    ...[...Map.groupBy(view.findings, ({ type }) => type)].map(([type, findings]) =>
      suiteOf(`${view.target.name} ${type}`, findings.map(failure), { failures: findings.length }),
    ),
    ...(view.suppressed.length > 0
      ? [
          suiteOf(`${view.target.name} suppressed`, view.suppressed.map(skipped), {
            skipped: view.suppressed.length,
          }),
        ]
      : []),
    coverage(view),
  ];
  const total = (key: 'tests' | 'failures' | 'errors') => suites.reduce((sum, suite) => sum + suite[key], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="clairctl" tests="${total('tests')}" failures="${total('failures')}" errors="${total('errors')}">`,
    ...suites.map(({ xml }) => xml(view)),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly xml: (view: View) => string;
}

function suiteOf(
  name: string,
  cases: readonly string[],
  counts: { failures?: number; errors?: number; skipped?: number },
): Suite {
  const { failures = 0, errors = 0, skipped: passedOver = 0 } = counts;
  return {
    tests: cases.length,
    failures,
    errors,
    xml: ({ created }) =>
      [
        ` <testsuite name="${escapeXml(name)}" tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${passedOver}" time="0" timestamp="${created.replace(/Z$/, '')}" hostname="clairctl">`,
        ...cases,
        ' </testsuite>',
      ].join('\n'),
  };
}

function failure(finding: ReportFinding): string {
  const { id, package: name, version, severity, fixedIn, undecided, type } = finding;
  const text = [
    finding.description,
    otherNames(finding) && `Also known as: ${otherNames(finding)}`,
    `Installed: ${version}`,
    `Fixed in: ${fixedIn || 'no fixed version'}`,
    ...(undecided ? [UNDECIDED] : []),
    ...[linkedText(finding)].filter(Boolean),
    ...(finding.notes ?? []),
    ...finding.paths.map((path) => `Found in: ${path}`),
    ...finding.links,
  ];
  return [
    `  <testcase classname="${escapeXml(`${type}.${name}-${version}`)}" name="${escapeXml(`[${severity}] ${id}`)}" time="0">`,
    `   <failure message="${escapeXml(`${name} ${version}: ${id}${fixedIn && `, fixed in ${fixedIn}`}`)}" type="${severity}">${escapeXml(text.filter(Boolean).join('\n'))}</failure>`,
    '  </testcase>',
  ].join('\n');
}

function skipped({ id, package: name, version, severity, type, suppression }: SuppressedFinding): string {
  return [
    `  <testcase classname="${escapeXml(`${type}.${name}-${version}`)}" name="${escapeXml(`[${severity}] ${id}`)}" time="0">`,
    `   <skipped message="${escapeXml(suppressionText(suppression))}"/>`,
    '  </testcase>',
  ].join('\n');
}

/** Returns the suite of coverage: a used feed passes; what was not checked or read is an error, because its result is unknown. */
function coverage(view: View): Suite {
  const cases = (message: string, name: string) =>
    `  <testcase classname="coverage" name="${escapeXml(name)}" time="0">\n   <error message="${escapeXml(message)}" type="incomplete"/>\n  </testcase>`;
  const errors = [
    ...(view.example === undefined ? [] : [cases(view.example, 'feeds')]),
    ...view.incomplete.map((entry) => cases(`not checked: ${missingText(entry)}`, entry.what)),
    ...otherProblems(view.problems, [...view.incomplete, ...view.accepted]).map(({ source, where, reason }) =>
      cases(`not read: ${source}: ${reason}`, where),
    ),
  ];
  const passed = [...omissions(view), ...ledgerLines(view, MAX_UNACCOUNTED), ...freshness(view)].map(
    (line) => `  <testcase classname="coverage" name="${escapeXml(line)}" time="0"/>`,
  );
  const packages = `  <testcase classname="coverage" name="${escapeXml(`${counted(view.packages, 'package')} in ${view.manifest}`)}" time="0"/>`;
  return suiteOf(`${view.target.name} coverage`, [packages, ...passed, ...errors], { errors: errors.length });
}

/** Returns `text` escaped, without the control characters that XML 1.0 §2.2 forbids. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\uFFFD]/gu, (char) => (char.codePointAt(0)! > 0xffff ? char : '\uFFFD'))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
