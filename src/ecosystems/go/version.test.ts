import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { versionSchemeLaws } from '../version-laws.fixture.ts';
import { goVersions } from './version.ts';

const lines = readFileSync(new URL('fixtures/versions.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean);
const pairs = lines
  .filter((line) => !/^[#!]/.test(line))
  .map((line) => line.split(' ') as [string, string, string]);
const refused = lines
  .filter((line) => line.startsWith('! '))
  .map((line) => JSON.parse(line.slice(2)) as string);

function read(text: string) {
  const version = goVersions.parse(text);
  assert.ok(version, `${JSON.stringify(text)} is a version`);
  return version;
}

function signs(a: string, b: string): [number, number] {
  const [x, y] = [read(a), read(b)];
  return [Math.sign(goVersions.compare(x, y)), Buffer.compare(goVersions.key(x)!, goVersions.key(y)!)];
}

describe('versions of Go', () => {
  it('are ordered as Go orders them', () => {
    assert.ok(pairs.length > 1500);
    for (const [a, sign, b] of pairs) {
      const want = { '<': -1, '=': 0, '>': 1 }[sign];
      assert.deepEqual(signs(a, b), [want, want], `${a} ${sign} ${b}`);
    }
  });

  it('are refused where Go refuses them', () => {
    assert.ok(refused.length > 10);
    for (const text of refused) assert.equal(goVersions.parse(text), undefined, JSON.stringify(text));
  });

  const cases: [string, string, string][] = [
    ['v1.2.3', '=', '1.2.3'],
    ['v2.0.0+incompatible', '=', '2.0.0'],
    ['1.20', '=', '1.20.0'],
    ['1.21.0-0', '<', '1.21rc2'],
    ['1.21rc2', '<', '1.21.0'],
    ['1.21rc9', '<', '1.21rc10'],
    ['1.20.14', '<', '1.21.0-0'],
    ['v0.0.0-20200622213623-75b288015ac9', '<', '0.0.0-20220525230936-793ad666bf5e'],
    ['v1.2.4-0.20200622213623-75b288015ac9', '>', '1.2.3'],
    ['v1.2.4-0.20200622213623-75b288015ac9', '<', '1.2.4-rc.1'],
  ];
  for (const [a, sign, b] of cases) {
    const want = { '<': -1, '=': 0, '>': 1 }[sign];
    it(`${a} ${sign} ${b}`, () => assert.deepEqual(signs(a, b), [want, want]));
  }

  const unreadable = [
    'devel',
    '(devel)',
    'v1.21rc2',
    '1.21-rc2',
    '1.2.3.4',
    'go1.21',
    '1.21rc',
    `1.${'9'.repeat(300)}`,
  ];
  for (const text of unreadable) {
    it(`${text.slice(0, 20)} is no version`, () => assert.equal(goVersions.parse(text), undefined));
  }

  const number = fc.oneof(fc.nat(12).map(String), fc.bigInt(0n, 10n ** 30n).map(String));
  const part = fc.oneof(number, fc.stringMatching(/^[0-9A-Za-z-]{0,3}[A-Za-z-][0-9A-Za-z-]{0,3}$/));
  const semver = fc
    .tuple(number, number, number, fc.array(part, { maxLength: 3 }))
    .map(([a, b, c, tail]) => `v${a}.${b}.${c}${tail.length > 0 ? `-${tail.join('.')}` : ''}`);
  const toolchain = fc
    .tuple(number, number, fc.constantFrom('', '.0', '.7', 'rc1', 'rc10', 'beta2'))
    .map(([a, b, tail]) => `${a}.${b}${tail}`);
  versionSchemeLaws(goVersions, fc.oneof(semver, toolchain));
});
