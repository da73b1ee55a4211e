import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertNoSquare } from '../../lib/growth.fixture.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { match } from '../outcome/scan-result.fixture.ts';
import { type Gated, hitsOf, joinGates, parseGate } from './gate.ts';
import { matchesGlob } from './glob.ts';
import { ignoreRules } from './ignore-rules.ts';
import type { Judged } from './selection.ts';
import { select } from './selection.ts';
import { parseSeverities } from './severity-list.ts';
import { ORDERS, sortMatches } from './sort-matches.ts';

const finding = (more: Partial<Judged> = {}): Judged => ({
  id: 'CVE-2099-1',
  aliases: [],
  package: 'curl',
  version: '8.1',
  type: 'deb',
  purl: 'pkg:deb/debian/curl@8.1',
  fixedIn: '',
  severity: 'High',
  exploited: false,
  paths: [],
  ...more,
});

describe('--fail-on', () => {
  const cases: [string, Partial<Gated>, boolean][] = [
    ['high', {}, true],
    ['HIGH', {}, true],
    ['critical', {}, false],
    ['low', {}, true],
    ['unknown', { severity: 'Unknown' }, true],
    ['kev', {}, false],
    ['kev', { exploited: true }, true],
    ['fixable', {}, false],
    ['fixable', { fixedIn: '2' }, true],
    ['epss>0.5', { epss: 0.5 }, false],
    ['epss>=0.5', { epss: 0.5 }, true],
    ['epss > .5', { epss: 0.6 }, true],
    ['epss>50%', { epss: 0.6 }, true],
    ['epss>=0', {}, false], // nobody knows its probability
    ['critical,kev', { exploited: true }, true],
    ['high+fixable', {}, false],
    ['high + fixable', { fixedIn: '1' }, true],
    ['critical+fixable, high+kev', { exploited: true }, true],
  ];
  for (const [text, more, want] of cases) {
    it(`${text} of ${JSON.stringify(more)} -> ${want}`, () => {
      const gate = parseGate(text);
      assert.ok(gate);
      assert.equal(hitsOf(gate, [finding(more)]).length > 0, want);
    });
  }
  for (const text of [
    '',
    'mild',
    'high,',
    'high+',
    'epss',
    'epss>2',
    'epss<0.5',
    'epss>x',
    '+',
    'fixable=1',
    'unaccounted+high',
  ]) {
    it(`${JSON.stringify(text)} is none`, () => assert.equal(parseGate(text), undefined));
  }
  it('counts unaccounted files apart from findings', () => {
    const gate = joinGates(parseGate('Unaccounted')!, parseGate('kev')!);
    assert.deepEqual(hitsOf(gate, [finding({})], 3), [{ text: 'unaccounted', count: 3 }]);
    assert.deepEqual(hitsOf(parseGate('kev')!, [finding({})], 3), []);
  });
  it('joins and counts', () => {
    const gate = joinGates(parseGate('kev'), parseGate('low+fixable,critical')!);
    const findings = [finding({ exploited: true }), finding({ exploited: true, fixedIn: '2' })];
    assert.deepEqual(hitsOf(gate, findings), [
      { text: 'kev', count: 2 },
      { text: 'low+fixable', count: 1 },
    ]);
  });
});

describe('--severity', () => {
  for (const [text, want] of [
    ['high', ['High']],
    ['HIGH,critical', ['High', 'Critical']],
    ['high+', ['High', 'Critical']],
    ['>= high', ['High', 'Critical']],
    ['unknown+', [...SEVERITIES]],
    ['high++', undefined],
    ['high,', undefined],
    ['', undefined],
    ['mild', undefined],
  ] as const) {
    it(`${JSON.stringify(text)} -> ${want}`, () => {
      const got = parseSeverities(text);
      assert.deepEqual(got && [...got].sort(), want && [...want].sort());
    });
  }
});

describe('patterns', () => {
  for (const [pattern, text, want] of [
    ['a', 'a', true],
    ['a', 'ab', false],
    ['*', 'abc', true],
    ['*', 'a/b', false],
    ['**', 'a/b', true],
    ['**/b', 'b', true],
    ['**/b', 'a/x/b', true],
    ['**/b', 'ab', false],
    ['usr/*/x.py', 'usr/lib/x.py', true],
    ['usr/*/x.py', 'usr/lib/y/x.py', false],
    ['usr/**/x.py', 'usr/lib/y/x.py', true],
    ['usr/**/x.py', 'usr/x.py', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['', '', true],
    ['', 'a', false],
    ['lib*', 'lib', true],
  ] as const) {
    it(`${pattern} of ${text} -> ${want}`, () => assert.equal(matchesGlob(pattern, text), want));
  }
  it('of no wild cards are equality, and ** fits all', () => {
    const plain = fc.string({ maxLength: 30 }).filter((text) => !/[*?]/.test(text));
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        assert.equal(matchesGlob(a, b), a === b);
        assert.equal(matchesGlob(`**`, b), true);
        assert.equal(matchesGlob(`**/${a}`, `${b}/${a}`), true);
        assert.equal(matchesGlob(`${a}**${b}`, `${a}x/${b}`), true);
      }),
    );
  });
  it('takes no longer for hostile names', () => {
    assertNoSquare((size) => assert.equal(matchesGlob('**/a'.repeat(100), 'a/'.repeat(size)), false), 250);
  });
});

describe('--sort', () => {
  const matches = [
    match('zlib', { severity: 'Critical', epss: 0.1, vulnerability: 'CVE-3' }),
    match('curl', { severity: 'High', exploited: true, vulnerability: 'CVE-1' }),
    match('bash', { severity: 'Low', epss: 0.9, vulnerability: 'CVE-2' }),
  ];
  const want = {
    risk: 'curl zlib bash',
    severity: 'zlib curl bash',
    epss: 'bash zlib curl',
    kev: 'curl zlib bash',
    package: 'bash curl zlib',
    vulnerability: 'curl bash zlib',
  };
  for (const order of ORDERS) {
    it(order, () =>
      assert.equal(
        sortMatches(matches, order)
          .map(({ name }) => name)
          .join(' '),
        want[order],
      ),
    );
  }
});

describe('what is shown', () => {
  const one = finding({ fixedIn: '2' });
  const suppressor = {
    suppress: ({ id }: Judged) =>
      id === 'CVE-2099-2'
        ? ({ kind: 'ignored', source: 'f:1', status: 'accepted', justification: '', reason: '' } as const)
        : undefined,
    notices: () => ['said'],
  };
  const findings = [
    one,
    finding({ id: 'CVE-2099-2' }),
    finding(),
    finding({ fixedIn: '1', severity: 'Low' }),
  ];
  it('puts each finding into one list', () => {
    const got = select(findings, {
      onlyFixed: true,
      severities: new Set(['High']),
      suppressors: [suppressor],
    });
    assert.deepEqual(
      [
        got.shown,
        got.suppressed.map(({ position }) => position),
        got.unfixed,
        got.otherSeverity,
        got.notices,
      ],
      [[0], [1], [2], [3], ['said']],
    );
  });
  it('is everything without a policy', () =>
    assert.deepEqual(select(findings, { onlyFixed: false, suppressors: [] }).shown, [0, 1, 2, 3]));
  const covers = ['CVE-2099-2', 'CVE-2099-3'];
  const erratum = finding({ id: 'ALSA-1', aliases: [...covers, 'RHSA-1'], covers });
  const cases: [what: string, accepted: string[], suppressed: number][] = [
    ['one of several vulnerabilities alone', ['CVE-2099-2'], 0],
    ['each of them', covers, 1],
    ['the whole', ['ALSA-1'], 1],
    ['the whole by another name', ['RHSA-1'], 1],
  ];
  for (const [what, accepted, want] of cases) {
    it(`of what is about several heeds ${what}`, () => {
      const entries = accepted.map((id) => ({ source: 'f:1', id, packages: [], paths: [], reason: '' }));
      const suppressors = [ignoreRules(entries, new Date(0))];
      const { suppressed, shown } = select([erratum], { onlyFixed: false, suppressors });
      assert.deepEqual([suppressed.length, shown.length], [want, 1 - want]);
    });
  }
  it('loses none', () => {
    const any = fc.record({
      fixedIn: fc.constantFrom('', '1'),
      severity: fc.constantFrom(...SEVERITIES),
      id: fc.constantFrom('CVE-2099-1', 'CVE-2099-2'),
    });
    fc.assert(
      fc.property(fc.array(any), fc.boolean(), (list, onlyFixed) => {
        const { shown, suppressed, unfixed, otherSeverity } = select(list.map(finding), {
          onlyFixed,
          severities: new Set(['High']),
          suppressors: [suppressor],
        });
        const all = [...shown, ...suppressed.map(({ position }) => position), ...unfixed, ...otherSeverity];
        assert.deepEqual(
          all.sort((a, b) => a - b),
          [...list.keys()],
        );
      }),
    );
  });
});
