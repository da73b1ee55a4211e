import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { versionSchemeLaws } from '../../version-laws.fixture.ts';
import { compareRpm, keyOfRpm, parseRpm, type RpmVersion, rpmVersions } from './version.ts';

const SIGNS: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 };

function read(text: string): RpmVersion {
  const version = parseRpm(text);
  assert.ok(version, `${text} is a version`);
  return version;
}

function sameOrder(a: RpmVersion, b: RpmVersion): number {
  const sign = Math.sign(compareRpm(a, b));
  const names = `${JSON.stringify(a)} ${JSON.stringify(b)}`;
  assert.equal(Buffer.compare(keyOfRpm(a), keyOfRpm(b)), sign, `keys of ${names}`);
  assert.equal(Math.sign(compareRpm(b, a)) + sign, 0, `${names} the other way round`);
  return sign;
}

const part = fc
  .array(fc.constantFrom('~', '^', '.', '-', '_', '0', '00', '1', '9', '10', 'a', 'b', 'Z', 'é'), {
    minLength: 1,
    maxLength: 7,
  })
  .map((pieces) => pieces.join(''));
const version = fc
  .tuple(fc.constantFrom('', '', '0:', '1:', '00:', '12:'), part, fc.option(part, { nil: undefined }))
  .map(([epoch, before, after]) => `${epoch}${before}${after === undefined ? '' : `-${after}`}`)
  .filter((text) => parseRpm(text) !== undefined);

describe('rpm versions', () => {
  const vectors = readFileSync(new URL('../fixtures/versions.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');

  it(`orders ${vectors.length} pairs as rpm does`, () => {
    for (const line of vectors) {
      const [a = '', sign = '', b = ''] = line.split(' ');
      assert.equal(sameOrder(read(a), read(b)), SIGNS[sign], line);
    }
  });

  it('reads epoch, version and release', () => {
    for (const [text, epoch, upstream, release] of [
      ['1.0-1.el9', '0', '1.0', '1.el9'],
      ['1:1.0-1', '1', '1.0', '1'],
      [':1.0', '0', '1.0', undefined],
      ['1-2-3', '0', '1-2', '3'],
      ['1.0-', '0', '1.0', ''],
      ['a:1', '0', 'a:1', undefined],
      ['-1', '0', '', '1'],
      ['1:', '1', '', undefined],
    ] as const) {
      assert.deepEqual(parseRpm(text), { epoch, version: upstream, release }, text);
    }
    for (const text of ['', `1${'0'.repeat(1024)}`]) assert.equal(parseRpm(text), undefined);
  });

  it('gives equal texts equal keys', () => {
    for (const [a, b] of [
      ['1.01', '1.1'],
      ['1.0.', '1.0'],
      ['0:1-1', '1-1'],
      ['1a-1', '1.a-_1'],
    ] as const) {
      assert.deepEqual(keyOfRpm(read(a)), keyOfRpm(read(b)), `${a} ${b}`);
    }
  });

  it('compares digit runs of any length', () => {
    for (const length of [254, 255, 256, 510, 511, 1000]) {
      const smaller = read('1'.repeat(length));
      assert.equal(sameOrder(smaller, read('1'.repeat(length + 1))), -1);
      assert.equal(sameOrder(smaller, read(`${'1'.repeat(length - 1)}2`)), -1);
      assert.equal(sameOrder(smaller, read(`000${'1'.repeat(length)}`)), 0);
    }
  });

  versionSchemeLaws(rpmVersions, version);
});
