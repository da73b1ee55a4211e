import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { versionSchemeLaws } from '../version-laws.fixture.ts';
import { type MavenVersion, maven, parseMaven } from './version.ts';

/** Written by scripts/gen-vectors-maven.ts from what Maven's own class says. */
const vectors = readFileSync(new URL('fixtures/versions.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split(' ') as [string, '<' | '=' | '>', string]);

const SIGNS = { '<': -1, '=': 0, '>': 1 };

function parse(text: string): MavenVersion {
  return parseMaven(text) ?? assert.fail(`${JSON.stringify(text)} is a version`);
}

/** -1, 0 or 1; `byKey` is undefined if one of them has no key. */
function orders(left: string, right: string): { byCompare: number; byKey: number | undefined } {
  const [a, b] = [parse(left), parse(right)];
  const [x, y] = [maven.key(a), maven.key(b)];
  return {
    byCompare: Math.sign(maven.compare(a, b)),
    byKey: x === undefined || y === undefined ? undefined : Buffer.compare(x, y),
  };
}

/** What the texts of the laws are made of. */
const pieces = fc.constantFrom(
  ...[
    '0',
    '1',
    '2',
    '10',
    '.',
    '.',
    '-',
    '-',
    'alpha',
    'a',
    'rc',
    'snapshot',
    'ga',
    'final',
    'sp',
    'x',
    'jre',
    '+',
  ],
);
const texts = fc.array(pieces, { minLength: 1, maxLength: 9 }).map((parts) => parts.join(''));

describe('Maven versions', () => {
  it('are ordered as Maven orders them, by compare and by key', () => {
    assert.ok(vectors.length > 2500);
    let keys = 0;
    for (const [left, sign, right] of vectors) {
      const { byCompare, byKey } = orders(left, right);
      assert.equal(byCompare, SIGNS[sign], `${left} ${sign} ${right}`);
      if (byKey !== undefined) assert.equal(byKey, SIGNS[sign], `keys: ${left} ${sign} ${right}`);
      keys += Number(byKey !== undefined);
    }
    assert.ok(keys > vectors.length / 3, `only ${keys} of ${vectors.length} by key`);
  });

  for (const text of [
    '1.2.3',
    '0.0.0-SNAPSHOT',
    '2.0-beta9',
    '5.2.20.RELEASE',
    '4.1.100.Final',
    '32.0.0-android',
    '9.4.31.v20200723',
    '2.12.6.1',
    '1.0-rc1-SNAPSHOT',
    '1.2.17-16.atlassian',
    '1.0-20240101.120000-1',
  ]) {
    it(`${text} has a key`, () => assert.ok(maven.key(parse(text)) !== undefined));
  }

  for (const text of ['1.sp.1', 'alpha', '1--1', '1-ga.1', '2.13.0.redhat-00001']) {
    it(`${text} has none`, () => assert.equal(maven.key(parse(text)), undefined));
  }

  it('go in circles where they have no key', () => {
    const circle = ['1-alpha', '1', '1.sp.1', '1-alpha'];
    for (const [index, text] of circle.slice(1).entries()) {
      assert.equal(orders(circle[index]!, text).byCompare, -1);
    }
  });

  versionSchemeLaws(
    maven,
    fc.oneof(
      texts,
      texts.map((text) => `1${text}`),
    ),
  );

  for (const text of [
    '',
    '1.0\n',
    '1.0\0',
    '1é',
    '\u0024{project.version}',
    '1.\u0024{revision}',
    '1'.repeat(513),
  ]) {
    it(`${JSON.stringify(text.slice(0, 20))} is none`, () => assert.equal(parseMaven(text), undefined));
  }

  it('take no time over hostile text', () => {
    for (const part of ['1-', '-', '.', 'a1', '0-', 'a-', '1.', '.0']) {
      const hostile = parse(part.repeat(512 / part.length));
      maven.key(hostile);
      assert.equal(Math.sign(maven.compare(hostile, hostile)), 0);
    }
  });
});
