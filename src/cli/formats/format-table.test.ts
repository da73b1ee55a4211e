import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../../ecosystems/index.ts';
import type { FeedWire } from '../../matcher/report/report-wire.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { match, missing, packageWire, reportWire, scanResult } from '../outcome/scan-result.fixture.ts';
import type { Match, ScanResult } from '../outcome/scan-result.ts';
import { formatInput } from './format-input.ts';
import { formatAge, formatBasis, formatTable as tableOf } from './format-table.ts';

const plain = { color: false };
const NOW = new Date('2099-01-02T00:00:00Z');
const DIGEST = `sha256:${'0'.repeat(64)}`;

function formatTable(
  result: ScanResult,
  matches: readonly Match[],
  more: { color: boolean; columns?: number },
): string {
  return tableOf({ ...formatInput({ result, matches, ecosystems, now: NOW }, NOW), ...more });
}

describe('table', () => {
  it('looks like this', () => {
    const report = reportWire({
      packages: [packageWire('curl', '8.1'), packageWire('zlib', '1'), packageWire('flask', '2', 'python')],
    });
    const matches = [
      match('curl', { severity: 'Critical', fixedIn: '8.2', epss: 0.12345, exploited: true }),
      match('curl', { vulnerability: 'CVE-2099-22222', epss: 0 }),
      match('flask', { type: 'python', version: 'odd', severity: 'Unknown', undecided: true }),
    ];
    assert.equal(
      formatTable(scanResult({ report }), matches, plain),
      `NAME   INSTALLED  FIXED IN  TYPE    VULNERABILITY   SEVERITY  EPSS   RISK
curl   1.0        8.2       deb     CVE-2099-1      Critical  12.3%  100.0  KEV
curl   1.0        -         deb     CVE-2099-22222  High      0.0%   15.2
flask  odd        -         python  CVE-2099-1      Unknown   -      12.8   version not comparable

app:1 (oci): 3 packages (2 deb, 1 python)
${DIGEST}

TYPE    PACKAGES  CRITICAL  HIGH  UNKNOWN  FIXABLE
deb            2         1     1        0        1
python         1         0     0        1        0

3 findings in 2 packages: 1 critical, 1 high, 1 unknown. 1 of 3 can be fixed. 1 exploited (KEV).
Upgrades that fix most findings:
  curl 1.0 -> 8.2: fixes 1, 1 of them exploited (deb)
`,
    );
  });

  it('lists what is not reachable by linking, and says whether it counts', () => {
    const report = reportWire({ packages: [packageWire('golang.org/x/net', 'v0.1.0', 'gobin')] });
    const matches = [match('golang.org/x/net', { linked: 'no', linkedNames: ['golang.org/x/net/html'] })];
    const input = formatInput({ result: scanResult({ report }), matches, ecosystems, now: NOW }, NOW);
    assert.match(tableOf(input), /^golang.org\/x\/net .*not reachable by linking$/m);
    const counts =
      '1 finding not reachable by linking: the vulnerable code is not in the program. They count';
    assert.ok(tableOf(input).includes(counts), tableOf(input));
    const all = { shown: [0], suppressed: [], unfixed: [], fixed: [], otherSeverity: [], notices: [] };
    const select = () => ({ ...all, onlyLinked: true });
    const parts = { result: scanResult({ report }), matches, ecosystems, now: NOW, select };
    const linked = formatInput(parts, NOW);
    assert.deepEqual([linked.counted, linked.matches], [[], matches]);
    assert.match(tableOf(linked), /They do not count for --fail-on \(--linked\)\./);
  });

  it('says what no findings mean', () => {
    const report = reportWire({ packages: [packageWire('curl', '8.1')] });
    const incomplete = [missing('debian:12')];
    for (const [result, want] of [
      [scanResult({ report }), 'No known vulnerabilities.'],
      [scanResult(), 'No packages found.'],
      [
        scanResult({ report, incomplete }),
        'No findings in the packages that were checked. The scan is incomplete.',
      ],
      [scanResult({ incomplete }), 'No findings in the packages that were checked. The scan is incomplete.'],
    ] as const) {
      const lines = formatTable(result, [], plain).trimEnd().split('\n');
      assert.equal(lines.at(-1), want);
      assert.equal(
        /NOT CHECKED/.test(lines.join()),
        result.incomplete.length > 0 && result.report === report,
      );
    }
  });

  it('says first that data is only an example', () => {
    assert.match(
      formatTable(scanResult({ example: 'not current' }), [], plain),
      /^EXAMPLE DATA: not current\n\n/,
    );
  });

  it('colours the severity and nothing else', () => {
    for (const severity of SEVERITIES) {
      // The name of a severity in other columns is not one.
      const matches = [
        match('x', { severity, version: severity, fixedIn: severity, vulnerability: severity }),
      ];
      const text = formatTable(scanResult(), matches, { color: true });
      const line = text.split('\n')[1] ?? '';
      const coloured = line.match(/\x1b\[[0-9;]*m/g) ?? [];
      assert.ok(coloured.length >= 2, severity);
      assert.match(
        line,
        new RegExp(`^x +${severity} +${severity} +deb +${severity} +(\x1b\\[[0-9;]+m)+${severity}\x1b`),
      );
      const bare = line.replace(/\x1b\[[0-9;]*m/g, '');
      assert.equal(bare, formatTable(scanResult(), matches, plain).split('\n')[1]);
    }
  });

  const wide = match('a-package-with-quite-a-long-name', {
    version: '1:2.36-9+deb12u1+really2.35-1',
    fixedIn: '1:2.36-9+deb12u13+really2.35-2',
    vulnerability: 'CVE-2099-12345',
    epss: 0.5,
    exploited: true,
  });
  for (const columns of [90, 120, 160]) {
    it(`fits into ${columns} columns, with the whole id and fixed version`, () => {
      const [header, line] = formatTable(scanResult(), [wide], { color: false, columns }).split('\n');
      assert.ok(header!.length <= columns && line!.length <= columns, line);
      assert.match(
        line!,
        /^a-package-w.* {2}1:2\.36-9\+deb12u13\+really2\.35-2 {2}(?:deb +)?CVE-2099-12345 {2}High /,
      );
      assert.match(line!, columns < 120 ? /High {6}KEV$/ : /50\.0% {2}80\.0 {2}KEV/);
    });
  }
  for (const columns of [60, 80]) {
    it(`gives a finding lines of its own in ${columns} columns, if it is too long for one`, () => {
      const lines = formatTable(scanResult(), [wide], { color: false, columns }).split('\n');
      assert.ok(lines.every(({ length }) => length <= columns));
      assert.equal(lines[0], 'CVE-2099-12345  High  80.0  KEV');
      assert.match(
        lines.slice(1, 4).join(' '),
        /1:2\.36-9\+deb12u1\+really2\.35-1 .*1:2\.36-9\+deb12u13\+really2\.35-2/,
      );
    });
  }
  it('cuts nothing where it is no terminal', () =>
    assert.match(
      formatTable(scanResult(), [wide], plain),
      /really2\.35-1 +1:2\.36-9\+deb12u13\+really2\.35-2 +deb/,
    ));

  it('lets no control characters through', () => {
    const evil = 'a\x1b[2J\r\n\x00\x9b\u202eb\u2028c\u200bd\ud800';
    const matches = [match(evil, { version: evil, fixedIn: evil, vulnerability: evil })];
    const result = scanResult({
      target: { name: evil, kind: 'oci' },
      problems: [{ source: 'dpkg', where: evil, reason: evil }],
      incomplete: [missing(evil, { where: evil, reason: evil })],
    });
    const text = formatTable(result, matches, plain) + formatBasis(result, NOW);
    assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    assert.equal(text.split('\n').filter((line) => line.startsWith('a?[2J')).length, 2);
  });
});

describe('basis', () => {
  const feed = (more: Partial<FeedWire>): FeedWire => ({
    name: 'debian/updater',
    scope: 'debian:12',
    state: 'ok',
    last_success: '2099-01-01T22:00:00Z',
    rows: 7,
    problems: 0,
    ...more,
  });

  it('names each scope once, with its oldest feed', () => {
    const feeds = [
      feed({}),
      feed({ name: 'other', last_success: '2099-01-01T12:00:00Z', state: 'failed', rows: 1 }),
      { name: 'osv/npm', scope: 'npm', state: 'never', rows: 0, problems: 0 } as const,
    ];
    assert.equal(
      formatBasis(scanResult({ feeds }), NOW),
      'Checked against: debian:12 (8 advisories, 12 h old, failed), npm (never loaded).\n',
    );
  });

  it('says what was not checked, and the first of what was not read', () => {
    const problems = Array.from({ length: 12 }, (_, i) => ({
      source: 'dpkg',
      where: `f${i}`,
      reason: 'odd',
    }));
    const incomplete = [missing('alpine:3.99', { packages: 2 })];
    const lines = formatBasis(scanResult({ problems, incomplete }), NOW).split('\n');
    assert.deepEqual(lines.slice(0, 2), [
      'NOT CHECKED: alpine:3.99: no feed covers it (2 packages) [no-feed].',
      'Not read: dpkg: f0: odd',
    ]);
    assert.deepEqual(lines.slice(10), [
      'Not read: dpkg: f9: odd',
      '… and 2 more that were not read (list all with --format json).',
      '',
    ]);
  });

  it('is empty where there is nothing to say', () => assert.equal(formatBasis(scanResult(), NOW), ''));
});

describe('age', () => {
  const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
  for (const [age, want] of [
    [-5, '0 s'],
    [0, '0 s'],
    [99 * second, '99 s'],
    [100 * second, '2 min'],
    [99 * minute, '99 min'],
    [100 * minute, '2 h'],
    [48 * hour, '48 h'],
    [49 * hour, '2 d'],
    [400 * day, '400 d'],
  ] as const) {
    it(`${age} ms -> ${want}`, () => assert.equal(formatAge(age), want));
  }
});
