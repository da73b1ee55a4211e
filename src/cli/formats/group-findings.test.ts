import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ecosystems } from '../../ecosystems/index.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { match, packageWire, reportWire, scanResult } from '../outcome/scan-result.fixture.ts';
import type { Match } from '../outcome/scan-result.ts';
import { GROUPINGS } from '../policy/policy-options.ts';
import { sortMatches } from '../policy/sort-matches.ts';
import { formatInput } from './format-input.ts';
import { formatTable } from './format-table.ts';
import { groupFindings } from './group-findings.ts';
import type { FormatInput } from './view.ts';

const NOW = new Date('2099-01-02T00:00:00Z');
const SOURCE = { ...packageWire('openssl', '3.0.11'), kind: 'source' };
const PACKAGES = ['openssl', 'libssl3', 'curl'].map((name) => ({
  ...packageWire(name, '3.0.11'),
  ...(name !== 'curl' && { source: SOURCE }),
}));

function inputOf(matches: readonly Match[], more: Partial<FormatInput> = {}): FormatInput {
  const result = scanResult({ report: reportWire({ packages: PACKAGES as never }) });
  const sorted = sortMatches(matches, 'risk');
  return { ...formatInput({ result, matches: sorted, ecosystems, now: NOW }, NOW), ...more };
}

const openssl = (id: string, fixedIn: string, more: Partial<Match> = {}): Match[] =>
  ['openssl', 'libssl3'].map((name) =>
    match(name, { version: '3.0.11', vulnerability: id, fixedIn, ...more }),
  );
const MATCHES = [
  ...openssl('CVE-2099-10', '3.0.9+really3.0.15', { exploited: true, severity: 'Critical' }),
  ...openssl('CVE-2099-11', '3.0.13'),
  ...openssl('CVE-2099-12', ''),
  match('curl', {
    version: '8',
    vulnerability: 'CVE-2099-11',
    fixedIn: '',
    severity: 'Low',
    aliases: ['GHSA-x'],
  }),
];

const listOf = (group: FormatInput['group'], more: Partial<FormatInput> = {}): string =>
  formatTable(inputOf(MATCHES, { group: group!, ...more })).split('\napp:1')[0]!;

describe('groups', () => {
  it('by package say what to do', () =>
    assert.equal(
      listOf('package'),
      `openssl 3.0.11 (deb: libssl3, openssl)  6 findings, risk 100.0
  upgrade openssl 3.0.11 -> 3.0.13: fixes 4, 2 of them exploited
  CVE-2099-10  Critical  100.0  KEV  fixed in 3.0.9+really3.0.15  openssl, libssl3
  CVE-2099-11  High  21.6  fixed in 3.0.13  openssl, libssl3
  CVE-2099-12  High  20.5  no fix  openssl, libssl3

curl 8 (deb)  1 finding, risk 5.1
  CVE-2099-11  Low  5.1  no fix  curl
`,
    ));

  it('by vulnerability have its other names, and every package', () =>
    assert.match(
      listOf('cve'),
      /^CVE-2099-11 {2}3 findings, risk 21\.6\n {2}openssl 3\.0\.11 \(deb\) .*\n {2}libssl3 .*\n {2}curl 8 /m,
    ));

  it('by upgrade end with what has no fix', () => {
    const text = listOf('upgrade');
    assert.match(text, /^upgrade openssl 3\.0\.11 -> 3\.0\.13: fixes 4, 2 of them exploited\n/);
    assert.match(text, /\nno fix known: 3 findings\n {2}CVE-2099-12 .*openssl 3\.0\.11, libssl3 3\.0\.11\n/);
  });

  it('are as many as --top says, and the rest is counted', () => {
    const text = listOf('package', { top: 1 });
    assert.doesNotMatch(text, /curl/);
    assert.match(text, /… and 1 more \(--top 1/);
    const rows = formatTable(inputOf(MATCHES, { top: 2 }));
    assert.match(rows, /… and 5 more /);
    assert.match(rows, /7 findings in 3 packages/); // counts are of all
  });

  const any = fc.record({
    name: fc.constantFrom('openssl', 'libssl3', 'curl'),
    version: fc.constantFrom('1', '2'),
    vulnerability: fc.constantFrom('CVE-2099-1', 'CVE-2099-2', 'CVE-2099-3'),
    fixedIn: fc.constantFrom('', '1.5', '3', '~odd~'),
    severity: fc.constantFrom(...SEVERITIES),
    exploited: fc.boolean(),
    epss: fc.double({ min: 0, max: 1, noNaN: true }),
  });

  it('hold every finding once, and upgrade to no version that feeds do not name', () => {
    fc.assert(
      fc.property(fc.array(any), fc.constantFrom(...GROUPINGS), (all, by) => {
        const { findings } = inputOf(all.map(({ name, ...more }) => match(name, more))).view;
        const groups = groupFindings(findings, by, ecosystems);
        const held = groups.flatMap((group) => group.findings);
        assert.equal(held.length, findings.length);
        assert.deepEqual(new Set(held), new Set(findings));
        for (const { upgrade, findings: of } of groups) {
          const fixes = of.filter(({ fixedIn }) => fixedIn !== '');
          if (by !== 'cve') assert.deepEqual(upgrade?.fixes ?? [], fixes);
          for (const to of upgrade?.to.split(' or ') ?? [])
            assert.ok(
              fixes.some(({ fixedIn }) => fixedIn === to),
              to,
            );
        }
      }),
    );
  });

  it('and rows fit 60 to 250 columns, with ids and fixed versions whole', () => {
    const word = fc.stringMatching(/^[a-z0-9.+~:-]{1,50}$/);
    const rows = fc.array(
      fc.record({
        name: word,
        version: word,
        fixedIn: word,
        vulnerability: word,
        notes: fc.array(word, { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    const grouping = fc.constantFrom(undefined, ...GROUPINGS);
    fc.assert(
      fc.property(rows, fc.integer({ min: 60, max: 250 }), grouping, (all, columns, group) => {
        const input = inputOf(
          all.map(({ name, ...more }) => match(name, more)),
          {
            columns,
            ...(group && { group }),
          },
        );
        const text = formatTable(input);
        const wide = text.split('\n').filter(({ length }) => length > columns);
        assert.deepEqual(wide, []);
        const whole = text.replaceAll(/\n */g, '');
        for (const { fixedIn, vulnerability } of all) {
          assert.ok(whole.includes(fixedIn), fixedIn);
          assert.ok(whole.includes(vulnerability), vulnerability);
        }
      }),
    );
  });

  it('show no 0 of a severity that flags leave out', () => {
    const matches = [match('curl', { severity: 'Critical' }), match('openssl', { severity: 'High' })];
    const input = inputOf(matches);
    const hidden = {
      ...formatInput(
        {
          result: {
            ...input.result,
            incomplete: [{ kind: 'no-feed', what: 'x', where: '', reason: '', count: 1, packages: 1 }],
          },
          matches,
          ecosystems,
          now: NOW,
          select: () => ({
            shown: [0],
            suppressed: [],
            unfixed: [],
            fixed: [],
            otherSeverity: [1],
            notices: [],
          }),
        },
        NOW,
      ),
    };
    const text = formatTable(hidden);
    assert.match(text, /^deb +3 +1 +0\+1 +- /m, text);
    assert.match(text, /\+N: hidden findings/);
  });
});
