import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { versionSchemeLaws } from '../version-laws.fixture.ts';
import { archVersions } from './version.ts';

const SIGNS: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 };

function read(text: string) {
  const version = archVersions.parse(text);
  assert.ok(version, `${text} is a version`);
  return version;
}

function order(a: string, b: string): number {
  const [x, y] = [read(a), read(b)];
  const sign = Math.sign(archVersions.compare(x, y));
  assert.equal(Math.sign(archVersions.compare(y, x)) + sign, 0, `${a} ${b} the other way round`);
  const [keyX, keyY] = [archVersions.key(x), archVersions.key(y)];
  if (keyX && keyY) assert.equal(Buffer.compare(keyX, keyY), sign, `keys of ${a} ${b}`);
  return sign;
}

/** Of which most are as packages have them. */
const part = fc
  .array(
    fc.tuple(
      fc.constantFrom('', '.', '_', '+', '.', '..'),
      fc.constantFrom('0', '1', '01', '9', '10', 'a', 'b', 'rc', 'r', 'Z', '99999999999999999999'),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((pieces) => pieces.map(([mark, run], at) => `${at === 0 ? '' : mark}${run}`).join(''));
const version = fc
  .tuple(fc.constantFrom('', '', '1:', '0:', '10:'), part, fc.constantFrom('', '-1', '-2', '-1.1', '-10'))
  .map((pieces) => pieces.join(''));

describe("pacman's versions", () => {
  const vectors = readFileSync(new URL('./fixtures/versions.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');

  it(`orders ${vectors.length} pairs as libalpm does`, () => {
    for (const line of vectors) {
      const [a = '', sign = '', b = ''] = line.split(' ');
      assert.equal(order(a, b), SIGNS[sign], line);
    }
  });

  it('has a key for what packages have', () => {
    for (const text of [
      '1.0-1',
      '1:1.6.4-1',
      '6.6.8.arch1-1',
      '0.r12.g1a2b3c4-1',
      '2.36+r6+g1-1.1',
      '1.0rc1-1',
    ])
      assert.ok(archVersions.key(read(text)), text);
    for (const text of ['1.0', '1..0-1', '1.-1', '.1-1'])
      assert.equal(archVersions.key(read(text)), undefined, text);
  });

  it('reads no empty text, and none that is longer than any version', () => {
    assert.equal(archVersions.parse(''), undefined);
    assert.equal(archVersions.parse('1'.repeat(256)), undefined);
    assert.equal(order('1'.repeat(255), '2'.repeat(254)), 1);
  });

  versionSchemeLaws(archVersions, version);
});
