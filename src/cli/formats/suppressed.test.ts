import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ecosystems } from '../../ecosystems/index.ts';
import type { FindingWire } from '../../matcher/report/report-wire.ts';
import { readVex } from '../../vex/read-vex.ts';
import {
  missing,
  packageWire,
  reportWire,
  scanResult,
  vulnerabilityWire,
} from '../outcome/scan-result.fixture.ts';
import { matchesOf } from '../outcome/scan-result.ts';
import { diffReports, diffText } from '../scan/diff-reports.ts';
import { formatInput } from './format-input.ts';
import { FORMAT_NAMES, type FormatName, loadFormat } from './load-format.ts';

const NOW = new Date('2099-01-01T00:00:00Z');
const BY = {
  ignored: {
    kind: 'ignored',
    source: 'ig.yaml:7',
    status: 'accepted',
    justification: '',
    reason: 'WHY-IGNORED',
  },
  vex: {
    kind: 'vex',
    source: 'vex.json: statements[0]',
    status: 'not_affected',
    justification: 'vulnerable_code_not_present',
    reason: 'WHY-VEX',
  },
} as const;

const FORMATS = Object.fromEntries(
  await Promise.all(FORMAT_NAMES.map(async (name) => [name, await loadFormat(name)] as const)),
) as Record<FormatName, Awaited<ReturnType<typeof loadFormat>>>;

/** Five packages: shown, ignored, not affected, without a fix, of another severity. */
const report = reportWire({
  packages: ['a', 'b', 'c', 'd', 'e'].map((name) => packageWire(name, '1')),
  vulnerabilities: ['a', 'b', 'c', 'd', 'e'].map((name) =>
    vulnerabilityWire(`CVE-${name}`, { normalized_severity: 'High', fixed_in_version: '2' }),
  ),
  hits: Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, [`CVE-${name}`]])),
});
const input = (showSuppressed = false) =>
  formatInput(
    {
      result: scanResult({ report }),
      matches: matchesOf(report, ecosystems),
      ecosystems,
      now: NOW,
      showSuppressed,
      template: {
        name: 't',
        text: '{{summary.suppressed}} {{#suppressed}}{{id}} {{suppression.reason}}{{/suppressed}}\n',
      },
      select: () => ({
        shown: [0],
        suppressed: [
          { position: 1, by: BY.ignored },
          { position: 2, by: BY.vex },
        ],
        unfixed: [3],
        fixed: [],
        otherSeverity: [4],
        notices: ['ig.yaml:9: CVE-x expired'],
      }),
    },
    NOW,
  );

describe('what is suppressed', () => {
  for (const name of FORMAT_NAMES) {
    // Clair's own report is what the matcher says, before any policy; a snapshot has packages alone.
    if (['clair', 'github'].includes(name)) continue;
    it(`is in ${name}`, () => {
      const text = FORMATS[name](input(true));
      assert.match(text, /WHY-IGNORED/);
      assert.match(text, /WHY-VEX/);
      if (['table', 'markdown', 'html', 'sarif', 'junit'].includes(name)) {
        assert.match(text, /Hidden: 1 finding without a fix/);
        assert.match(text, /Hidden: 1 finding of other severities/);
        assert.match(text, /CVE-x expired/);
      }
    });
  }
  it('is counted in a table that does not list it', () => {
    const text = FORMATS.table(input());
    assert.doesNotMatch(text, /WHY/);
    assert.match(text, /Suppressed: 2 findings \(1 by ig\.yaml, 1 by vex\.json\)\./);
    assert.match(text, /1 finding in 1 package/);
  });
  it('still counts for a gate if only its severity is not shown', () =>
    assert.deepEqual(
      input().counted.map(({ name }) => name),
      ['a', 'e'],
    ));
  it('is suppressed in SARIF', () => {
    const { results } = JSON.parse(FORMATS.sarif(input())).runs[0];
    assert.deepEqual(
      results.map(({ suppressions }: { suppressions?: object[] }) => suppressions?.length),
      [undefined, 1, 1],
    );
  });
  it('is analysed in CycloneDX, which is a VEX document of it', () => {
    const text = FORMATS.cyclonedx(input());
    const { vulnerabilities } = JSON.parse(text);
    assert.deepEqual(
      vulnerabilities.map(({ analysis }: { analysis?: { state: string } }) => analysis?.state),
      [undefined, 'exploitable', 'not_affected'],
    );
    assert.equal(vulnerabilities[2].analysis.justification, 'code_not_present');
    assert.equal(vulnerabilities[2].affects[0].versions[0].status, 'unaffected');
    const { statements } = readVex(text.replaceAll('"package:', '"pkg:generic/'), 'v');
    assert.deepEqual(
      statements.map(({ ids, status }) => [ids[0], status]),
      [
        ['CVE-b', 'affected'],
        ['CVE-c', 'not_affected'],
      ],
    );
  });
  it('leaves no "no vulnerabilities" behind', () => {
    const all = formatInput(
      {
        result: scanResult({ report }),
        matches: matchesOf(report, ecosystems),
        ecosystems,
        now: NOW,
        select: (findings) => ({
          shown: [],
          suppressed: [],
          unfixed: [...findings.keys()],
          fixed: [],
          otherSeverity: [],
          notices: [],
        }),
      },
      NOW,
    );
    for (const name of ['table', 'markdown', 'html'] as const) {
      assert.doesNotMatch(FORMATS[name](all), /No known vulnerabilities/);
      assert.match(FORMATS[name](all), /All findings are hidden or suppressed/);
    }
  });
});

describe('diff', () => {
  const side = (packages: Record<string, string>, severity: 'High' | 'Low' = 'High', complete = true) => {
    const wire = reportWire({
      packages: Object.entries(packages).map(([name, version]) => packageWire(name, version)),
      vulnerabilities: Object.keys(packages).map((name) =>
        vulnerabilityWire(`CVE-${name}`, { normalized_severity: severity }),
      ),
      hits: Object.fromEntries(Object.keys(packages).map((name) => [name, [`CVE-${name}`]])),
    });
    const incomplete = complete ? [] : [missing('npm')];
    const result = scanResult({ report: wire, incomplete });
    return formatInput({ result, matches: matchesOf(wire, ecosystems), ecosystems, now: NOW }, NOW);
  };
  it('says what came, went and stayed, whatever the version', () => {
    const diff = diffReports(
      side({ a: '1', b: '1', c: '1' }),
      side({ b: '2', c: '1', d: '1' }, 'High', false),
      [],
    );
    assert.deepEqual(
      [diff.added.map(({ id }) => id), diff.removed.map(({ id }) => id), diff.changed, diff.unchanged],
      [['CVE-d'], ['CVE-a'], [], 2],
    );
    assert.equal(
      diffText(diff, false),
      `+  d  1  deb  CVE-d  High  no fix
-  a  1  deb  CVE-a  High  no fix

From app:1 (oci): 3 findings
to   app:1 (oci): 3 findings:
1 came, 1 went, 0 changed, 2 stayed.
NOT COMPLETE: Not checked: npm: no feed covers it (1 package) [no-feed]
`,
    );
  });
  it('knows a vulnerability again by any of its names', () => {
    const of = (vulnerability: string, ...aliases: string[]) => {
      const findings: FindingWire[] = [
        { package: 'a', name: vulnerability, aliases, vulnerabilities: [], severity: 'High' },
      ];
      const wire = reportWire({ packages: [packageWire('a', '1')], findings });
      return formatInput(
        { result: scanResult({ report: wire }), matches: matchesOf(wire, ecosystems), ecosystems, now: NOW },
        NOW,
      );
    };
    const { added, removed, unchanged } = diffReports(of('GHSA-1'), of('CVE-2099-1', 'GHSA-1'), []);
    assert.deepEqual([added.length, removed.length, unchanged], [0, 0, 1]);
    assert.equal(diffReports(of('GHSA-1'), of('GHSA-2'), []).added.length, 1);
  });
  it('says what is told otherwise, and of when', () => {
    const diff = diffReports(side({ a: '1' }), side({ a: '1' }, 'Low'), [NOW]);
    assert.match(diffText(diff, false), /^~ {2}a {2}1 {2}deb {2}CVE-a {2}Low {2}was High\n/);
    assert.match(diffText(diff, false), /feeds of 2099-01-01T00:00:00\.000Z/);
    assert.match(diffText(diff, true), /\x1b\[/);
  });
});
