import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { versionSchemeLaws } from '../version-laws.fixture.ts';
import { apkVersion } from './version.ts';

function parse(text: string) {
  const version = apkVersion.parse(text);
  assert.ok(version, `${text} is a version`);
  return version;
}

// Made from the rules of apk-package(5) and of Gentoo that it refers to; each line ascending, `=` equal.
const ORDERED = `
  0 < 1 < 2 < 9 < 10 < 99 < 100 < 20240101 < 99999999999999999999 < 100000000000000000000
  1 < 1.0 < 1.0.0 < 1.0.1 < 1.1 < 1.1.0 < 1.2 < 1.10 < 1.100 < 2
  1.0 < 1.00 < 1.001 < 1.009 < 1.01 < 1.010 < 1.011 < 1.02 < 1.09 < 1.1 < 1.9 < 1.10
  007 = 7 < 08 = 8 < 10
  1.1 < 1.1a < 1.1b < 1.1z < 1.1.0 < 1.1.1
  1_alpha < 1_alpha1 < 1_alpha2 < 1_alpha10 < 1_beta < 1_pre < 1_rc < 1_rc1 < 1 < 1_cvs < 1_svn < 1_git < 1_hg < 1_p < 1_p1 < 1a
  1.0_rc1 < 1.0_rc1-r0 < 1.0 < 1.0-r0 < 1.0-r1 < 1.0_p1 < 1.0.1_rc1
  1.0_alpha_pre1 < 1.0_alpha < 1.0_alpha_p1 < 1.0_beta
  1.0_p1_rc1 < 1.0_p1 < 1.0_p1-r0 < 1.0_p2 < 1.0_p10 < 1.0_p20240101123456789 < 1.0_p20240101123456790
  1.0_rc < 1.0_rc-r0 < 1.0_rc0 < 1.0_rc1
  1.0-r0 < 1.0-r1 = 1.0-r01 < 1.0-r2 < 1.0-r10
  1.0 < 1.0-r5 < 1.0~0 < 1.0~0-r1 < 1.0~00 < 1.0~1234abc < 1.0~abc < 1.0_git < 1.0_git20240101
  3.0.8-r0 < 3.0.8-r4 < 3.0.9-r0 < 3.1.0_beta1-r0 < 3.1.0-r0 < 3.1.1-r1
  2.12r-r4 < 2.12r-r5 < 2.12s-r0 < 2.12.1-r0
`;

const INVALID = [
  '',
  ' ',
  'a',
  '.1',
  '1.',
  '1..2',
  '1.a',
  '1a1',
  '1ab',
  '1A',
  '1.2a.3',
  '1-1',
  '1-r',
  '1-x1',
  '1-r1-r2',
  '1_',
  '1_foo',
  '1_RC1',
  '1_rc1.2',
  '1~',
  '1~xyz',
  '1~ABC',
  '1-r1~abc',
  '1-r1_rc1',
  '1+1',
  '1:1',
  'v1',
  ' 1',
  '1 ',
  '1\n',
  '1\u0661',
  '-1',
  '1'.repeat(256),
];

describe('apkVersion', () => {
  for (const line of ORDERED.trim().split('\n')) {
    it(line.trim(), () => {
      const groups = line
        .trim()
        .split(' < ')
        .map((group) => group.split(' = ').map(parse));
      for (const [i, lower] of groups.entries()) {
        for (const [j, higher] of groups.entries()) {
          for (const a of lower)
            for (const b of higher) assert.equal(apkVersion.compare(a, b), Math.sign(i - j));
        }
      }
    });
  }

  for (const text of INVALID) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => assert.equal(apkVersion.parse(text), undefined));
  }
});

describe('laws', () => {
  const digits = fc.stringMatching(/^(0|00|1|01|10|9|[0-9]{1,20})$/);
  const suffix = fc.tuple(
    fc.constantFrom('_alpha', '_beta', '_pre', '_rc', '_cvs', '_svn', '_git', '_hg', '_p'),
    fc.option(digits, { nil: '' }),
  );
  const parts = fc.record({
    numbers: fc.array(digits, { minLength: 1, maxLength: 3 }),
    letter: fc.constantFrom('', '', 'a', 'b'),
    suffixes: fc.array(suffix, { maxLength: 2 }),
    hash: fc.constantFrom('', '', '~0', '~a0', '~a'),
    revision: fc.option(
      digits.map((text) => `-r${text}`),
      { nil: '' },
    ),
  });
  type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;
  const textOf = (v: Parts) =>
    [v.numbers.join('.'), v.letter, ...v.suffixes.flat(), v.hash, v.revision].join('');

  // The rules once more, part by part instead of by bytes.
  const PRE = ['_alpha', '_beta', '_pre', '_rc'];
  const POST = ['_cvs', '_svn', '_git', '_hg', '_p'];
  type Token = readonly [rank: number, value: bigint | string];
  function tokensOf(v: Parts): Token[] {
    return [
      ...v.numbers.map((text, index): Token => {
        return index > 0 && text.startsWith('0') ? [8, text] : [9, BigInt(text)];
      }),
      ...(v.letter ? [[7, v.letter] as const] : []),
      ...v.suffixes.flatMap(([name, number]): Token[] => [
        PRE.includes(name) ? [0, BigInt(PRE.indexOf(name))] : [6, BigInt(POST.indexOf(name))],
        ...(number ? [[5, BigInt(number)] as const] : []),
      ]),
      ...(v.hash ? [[4, v.hash] as const] : []),
      ...(v.revision ? [[3, BigInt(v.revision.slice(2))] as const] : []),
      [2, ''],
    ];
  }
  function compareTokens(a: Token[], b: Token[]): number {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const [[rankA, valueA], [rankB, valueB]] = [a[i]!, b[i]!];
      if (rankA !== rankB) return rankA < rankB ? -1 : 1;
      if (valueA !== valueB) return valueA < valueB ? -1 : 1;
    }
    return 0;
  }

  it('compares as the rules say, part by part', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        assert.equal(
          apkVersion.compare(parse(textOf(a)), parse(textOf(b))),
          compareTokens(tokensOf(a), tokensOf(b)),
        );
      }),
      { numRuns: 3000 },
    );
  });

  const odd = fc.string({
    unit: fc.constantFrom('0', '1', '.', '-', 'r', '_', 'p', 'rc', '~', 'a'),
    maxLength: 300,
  });
  versionSchemeLaws(apkVersion, fc.oneof(parts.map(textOf), odd));
});
