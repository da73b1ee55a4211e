import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../../ecosystems/index.ts';
import type { VulnerabilityWire } from '../../matcher/report/report-wire.ts';
import type { Severity } from '../../model/severity.ts';
import { packageWire, reportWire, vulnerabilityWire } from './scan-result.fixture.ts';
import { matchesOf, typeOf } from './scan-result.ts';

const lib = packageWire('lib', '1.0');

/** The one line of a report with one package and one vulnerability. */
function lineOf(vulnerability: Partial<VulnerabilityWire>, enrichments: Record<string, unknown[]> = {}) {
  const [line, ...rest] = matchesOf(
    reportWire({
      packages: [lib],
      vulnerabilities: [vulnerabilityWire('V', vulnerability)],
      hits: { lib: ['V'] },
      enrichments: Object.fromEntries(
        Object.entries(enrichments).map(([type, records]) => [
          `message/x; enricher=${type}`,
          [{ V: records }],
        ]),
      ) as Record<string, Record<string, unknown[]>[]>,
    }),
    ecosystems,
  );
  assert.deepEqual(rest, []);
  return line!;
}

describe('severity of a line', () => {
  const cvss = (...severities: unknown[]) => ({ 'clair.cvss': severities.map((s) => ({ baseSeverity: s })) });
  const cases: [Severity, ReturnType<typeof cvss>, Severity][] = [
    ['High', cvss(), 'High'],
    ['Low', cvss('CRITICAL'), 'Low'],
    ['Unknown', cvss(), 'Unknown'],
    ['Unknown', cvss('HIGH'), 'High'],
    ['Unknown', cvss('LOW', 'CRITICAL', 'MEDIUM'), 'Critical'],
    ['Unknown', cvss('NONE', undefined, 7), 'Unknown'],
  ];
  for (const [own, enrichments, want] of cases) {
    it(`${own} and ${JSON.stringify(enrichments)} -> ${want}`, () =>
      assert.equal(lineOf({ normalized_severity: own }, enrichments).severity, want));
  }
});

describe('fixed version of a line', () => {
  const cases: [string, string, string][] = [
    ['debian/updater', '1.2-3', '1.2-3'],
    ['debian/updater', '', ''],
    ['ubuntu/updater/jammy', '0', ''],
    ['osv/pypi', 'fixed=2.0&introduced=1.0', '2.0'],
    ['osv/pypi', 'introduced=1.0&fixed=2.0', '2.0'],
    ['osv/pypi', 'fixed=1.0%2Blocal', '1.0+local'],
    ['osv/pypi', 'introduced=1.0', ''],
    ['osv/pypi', 'lastAffected=1.9', ''],
    ['osv/go', '1.2.3', '1.2.3'],
    ['debian/updater', 'fixed=odd', 'fixed=odd'],
  ];
  for (const [updater, text, want] of cases) {
    it(`${updater} ${JSON.stringify(text)} -> ${JSON.stringify(want)}`, () =>
      assert.equal(lineOf({ updater, fixed_in_version: text }).fixedIn, want));
  }
});

describe('facts of a line', () => {
  it('takes the highest EPSS, and KEV', () => {
    const { epss, exploited } = lineOf(
      {},
      { 'clair.epss': [{ epss: '0.25' }, { epss: 0.5 }, { epss: 'no number' }], 'clair.kev': [{}] },
    );
    assert.deepEqual([epss, exploited], [0.5, true]);
  });
  it('says nothing where nothing is known', () => {
    const line = lineOf({});
    assert.deepEqual(['epss' in line, line.exploited, line.undecided], [false, false, false]);
  });
  for (const [detector, want] of [
    ['dpkg', 'deb'],
    ['dpkg-distroless', 'deb'],
    ['nodejs', 'npm'],
    ['gobin', 'go'],
    ['apk', 'apk'],
    ['python', 'python'],
  ] as const) {
    it(`${detector} -> ${want}`, () =>
      assert.equal(typeOf(packageWire('x', '1', detector).detector, ecosystems), want));
  }
  it('knows no type without a detector', () => assert.equal(typeOf(null, ecosystems), ''));
});

describe('lines of a report', () => {
  const severities: [string, Severity, boolean][] = [
    ['A', 'Low', false],
    ['B', 'Critical', false],
    ['C', 'High', true],
    ['D', 'High', false],
    ['E', 'Unknown', false],
  ];
  const report = reportWire({
    packages: [packageWire('zlib', '1'), packageWire('curl', '2'), packageWire('unused', '3')],
    vulnerabilities: severities.map(([name, normalized_severity]) =>
      vulnerabilityWire(name, { normalized_severity }),
    ),
    hits: { zlib: ['A', 'D', 'B', 'missing'], curl: ['D', 'C', 'A'], gone: ['A'] },
    undecided: { curl: ['E'] },
    enrichments: { 'x; enricher=clair.kev schema=none': [{ C: [{}] }] },
  });
  it('is the most severe first, exploited before others, then by name', () => {
    assert.deepEqual(
      matchesOf(report, ecosystems).map(
        (line) => `${line.severity} ${line.name} ${line.vulnerability} ${line.undecided}`,
      ),
      [
        'Critical zlib B false',
        'High curl C false',
        'High curl D false',
        'High zlib D false',
        'Low curl A false',
        'Low zlib A false',
        'Unknown curl E true',
      ],
    );
  });
});
