import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertNoSquare } from '../../lib/growth.fixture.ts';
import { versionSchemeLaws } from '../version-laws.fixture.ts';
import { compareDpkg, type DpkgVersion, dpkgVersions, keyOfDpkg, parseDpkg } from './version.ts';

const SIGNS: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 };

function read(text: string): DpkgVersion {
  const version = parseDpkg(text);
  assert.ok(version, `${text} is a version`);
  return version;
}

function sameOrder(a: DpkgVersion, b: DpkgVersion): number {
  const sign = Math.sign(compareDpkg(a, b));
  const names = `${JSON.stringify(a)} ${JSON.stringify(b)}`;
  assert.equal(Buffer.compare(keyOfDpkg(a), keyOfDpkg(b)), sign, `keys of ${names}`);
  assert.equal(Math.sign(compareDpkg(b, a)) + sign, 0, `${names} the other way round`);
  return sign;
}

/** Texts of the alphabet that begins and ends where deb-version(7) lets them. */
const part = (alphabet: string, minLength: number) =>
  fc.array(fc.oneof(fc.constantFrom(...alphabet), fc.constantFrom('~', '0', '00', '1', 'a')), {
    minLength,
    maxLength: 8,
  });
const version = fc
  .record({
    epoch: fc.option(fc.constantFrom('0', '1', '00', '12'), { nil: undefined }),
    first: fc.constantFrom('0', '1', '00', '10', '99999999999999999999'),
    upstream: part('029bzAZ.+~-', 0),
    revision: fc.option(part('029bzAZ.+~', 1), { nil: undefined }),
  })
  .map(({ epoch, first, upstream, revision }) => {
    // Without a revision a hyphen would begin one.
    const rest = revision === undefined ? upstream.filter((piece) => piece !== '-') : upstream;
    const tail = revision === undefined ? '' : `-${revision.join('')}`;
    return `${epoch === undefined ? '' : `${epoch}:`}${first}${rest.join('')}${tail}`;
  });

describe('dpkg versions', () => {
  const vectors = readFileSync(new URL('./fixtures/versions.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');

  it(`orders ${vectors.length} pairs as dpkg does`, () => {
    for (const line of vectors) {
      if (line.startsWith('! ')) {
        assert.equal(parseDpkg(line.slice(2)), undefined, line);
        continue;
      }
      const [a = '', sign = '', b = ''] = line.split(' ');
      assert.equal(sameOrder(read(a), read(b)), SIGNS[sign], line);
    }
  });

  it('takes blanks around a version as dpkg does, and nothing for none', () => {
    assert.deepEqual(parseDpkg(' \t1.0-1\n'), read('1.0-1'));
    assert.equal(parseDpkg(''), undefined);
    assert.equal(parseDpkg(' '), undefined);
    assert.equal(parseDpkg('1.0\u00a0'), undefined);
  });

  it('gives equal texts equal keys', () => {
    for (const [a, b] of [
      ['1.01', '1.1'],
      ['1.0', '1.0-0'],
      ['1.0-1', '1.0-01'],
      ['0:1', '1'],
      ['1a', '1a0'],
    ] as const) {
      assert.deepEqual(keyOfDpkg(read(a)), keyOfDpkg(read(b)), `${a} ${b}`);
    }
  });

  it('compares digit runs of any length', () => {
    for (const length of [254, 255, 256, 510, 511, 5000]) {
      const smaller = read('1'.repeat(length));
      assert.equal(sameOrder(smaller, read('1'.repeat(length + 1))), -1);
      assert.equal(sameOrder(smaller, read(`${'1'.repeat(length - 1)}2`)), -1);
      assert.equal(sameOrder(smaller, read(`000${'1'.repeat(length)}`)), 0);
    }
  });

  versionSchemeLaws(dpkgVersions, version);

  it('refuses long texts in little time', () => {
    assertNoSquare((size) => parseDpkg(`1${'-1'.repeat(size)}!`), 20_000);
    assertNoSquare((size) => parseDpkg(' '.repeat(size)), 40_000);
    assertNoSquare((size) => parseDpkg(`1${' '.repeat(size)}x`), 40_000);
    assertNoSquare((size) => parseDpkg('1:'.repeat(size)), 20_000);
  });
});
