import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import npm from 'semver';
import { compareSemver, normalizedSemver, parseSemver, type Semver, semverKey } from './semver.ts';

function parse(text: string): Semver {
  return parseSemver(text, { lenient: true }) ?? assert.fail(`${text} is a version`);
}

/** From least to greatest; each is below all after it. */
const ascending = [
  '0.0.0-0',
  '0.0.0',
  '0.0.1',
  '0.1.0',
  '1.0.0-1',
  '1.0.0-2',
  '1.0.0-10',
  '1.0.0-99999999999999999999',
  '1.0.0-100000000000000000000',
  '1.0.0--1',
  '1.0.0-0a',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.1.0',
  '1.0.0-alpha.beta',
  '1.0.0-alpha-',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.2.0',
  '1.10.0',
  '2.0.0',
  '20240101120000.0.0',
  `${'9'.repeat(80)}.0.0`,
];

describe('semver', () => {
  it('orders by compare and by key', () => {
    const versions = ascending.map(parse);
    for (const [i, a] of versions.entries()) {
      for (const [j, b] of versions.entries()) {
        assert.equal(Math.sign(compareSemver(a, b)), Math.sign(i - j), `${ascending[i]} ${ascending[j]}`);
        assert.equal(Buffer.compare(semverKey(a), semverKey(b)), Math.sign(i - j));
      }
    }
  });

  const readable: [string, { prefixV?: boolean; lenient?: boolean }, boolean][] = [
    ['1.2.3', {}, true],
    ['1.2.3+build.01', {}, true],
    ['1.2.3-a.b-c.0+x', {}, true],
    ['v1.2.3', {}, false],
    ['v1.2.3', { prefixV: true }, true],
    ['vv1.2.3', { prefixV: true }, false],
    ['1.2', {}, false],
    ['1.2', { lenient: true }, true],
    ['1', { lenient: true }, true],
    ['01.2.3', {}, false],
    ['01.2.3', { lenient: true }, true],
    ['1.2.3-01', {}, false],
    ['1.2.3beta', {}, false],
    ['1.2.3beta', { lenient: true }, true],
    ['1.2.3.4', { lenient: true }, false],
    ['1.2.3-', { lenient: true }, true],
    ['1.2.3-a..b', { lenient: true }, false],
    ['1.2.3+', { lenient: true }, false],
    [' 1.2.3', { lenient: true }, false],
    ['', { lenient: true }, false],
    [`1.2.3-${'a'.repeat(300)}`, { lenient: true }, false],
  ];
  for (const [text, options, want] of readable) {
    it(`${want ? 'reads' : 'refuses'} ${JSON.stringify(text.slice(0, 20))} ${JSON.stringify(options)}`, () =>
      assert.equal(parseSemver(text, options) !== undefined, want));
  }

  it('ignores build metadata in order', () => {
    assert.equal(compareSemver(parse('1.2.3+a'), parse('1.2.3+b')), 0);
    assert.deepEqual(parse('1.2.3beta'), parse('1.2.3-beta'));
    assert.deepEqual(parse('1.2'), parse('1.2.0'));
  });

  it('says what Clair says of it', () => {
    assert.equal(normalizedSemver(parse('1.2.3-rc1')), 'semver:0.1.2.3.0.0.0.0.0.0');
    assert.equal(normalizedSemver(parse('20240101120000.0.0')), 'semver:0.2147483647.0.0.0.0.0.0.0.0');
  });
});

const number = fc.constantFrom('0', '1', '2', '9', '10', '11', '99', '100', '007');
const identifier = fc.oneof(number, fc.constantFrom('a', 'b', 'alpha', 'rc1', 'rc-1', '-', '0a', 'A', 'a0'));
const version = fc
  .tuple(
    number,
    number,
    number,
    fc.array(identifier, { maxLength: 3 }),
    fc.constantFrom('', '+1', '+a.b'),
    fc.constantFrom('-', '-', '-', ''),
  )
  .map(([major, minor, patch, tail, build, dash]) => {
    const prerelease = tail.length > 0 ? `${dash}${tail.join('.')}` : '';
    return `${major}.${minor}.${patch}${prerelease}${build}`;
  });

/** npm knows no partial versions, and its expression backtracks into reading `1.2.30.4` as `1.2.3-0.4`. */
function isComparable(text: string): boolean {
  return /^\d+\.\d+\.\d+(?![.\d])/.test(text);
}

describe('semver and npm', () => {
  for (const lenient of [false, true]) {
    it(`agree on what is a version, lenient: ${lenient}`, () => {
      const anything = fc.oneof(
        version,
        fc
          .array(fc.constantFrom('1', '0', '.', '-', '+', 'a'), { maxLength: 12 })
          .map((parts) => parts.join('')),
      );
      fc.assert(
        fc.property(anything, (text) => {
          if (lenient && !isComparable(text)) return;
          const ours = parseSemver(text, { lenient });
          const theirs = npm.parse(text, { loose: lenient });
          assert.equal(ours !== undefined, theirs !== null, text);
          assert.deepEqual(ours?.prerelease, theirs?.prerelease.map(String), text);
        }),
        { numRuns: 3000 },
      );
    });
  }

  it('agree on the order, and so do keys', () => {
    fc.assert(
      fc.property(version, version, (left, right) => {
        if (!isComparable(left) || !isComparable(right)) return;
        if (npm.parse(left, true) === null || npm.parse(right, true) === null) return;
        const [a, b] = [parse(left), parse(right)];
        const want = npm.compare(left, right, true);
        assert.equal(Math.sign(compareSemver(a, b)), want, `${left} ${right}`);
        assert.equal(Buffer.compare(semverKey(a), semverKey(b)), want, `${left} ${right}`);
      }),
      { numRuns: 3000 },
    );
  });
});
