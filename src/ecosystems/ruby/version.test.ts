import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { versionSchemeLaws } from '../version-laws.fixture.ts';
import { type GemVersion, gem, parseGem } from './version.ts';

/** Written by scripts/gen-vectors-gem.rb from what RubyGems itself says. */
const lines = readFileSync(new URL('fixtures/versions.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

const SIGNS: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 };

function parse(text: string): GemVersion {
  return parseGem(text) ?? assert.fail(`${JSON.stringify(text)} is a version`);
}

function orders(left: string, right: string): [byCompare: number, byKey: number] {
  const [a, b] = [parse(left), parse(right)];
  return [Math.sign(gem.compare(a, b)), Buffer.compare(gem.key(a)!, gem.key(b)!)];
}

describe('versions of gems', () => {
  it('are what RubyGems takes for such', () => {
    const cases = lines.filter((line) => /^[+!] /.test(line));
    assert.ok(cases.length > 400);
    for (const line of cases) {
      const text = JSON.parse(line.slice(2)) as string;
      assert.equal(parseGem(text) !== undefined, line.startsWith('+'), line);
    }
  });

  it('are ordered as RubyGems orders them, by compare and by key', () => {
    const cases = lines.filter((line) => !/^[+!] /.test(line)).map((line) => line.split(' '));
    assert.ok(cases.length > 3000);
    for (const [left = '', sign = '', right = ''] of cases) {
      const want = SIGNS[sign]!;
      assert.deepEqual(orders(left, right), [want, want], `${left} ${sign} ${right}`);
    }
  });

  const text = fc
    .array(fc.constantFrom('.0', '.0', '.1', '.2', '.10', '.a', '.rc', '.b0', '.Z', '-', '-x', '-1', 'a'), {
      maxLength: 8,
    })
    .map((parts) => `1${parts.join('')}`)
    .filter((candidate) => parseGem(candidate) !== undefined);

  versionSchemeLaws(gem, text);

  it('take no time over hostile text', () => {
    for (const part of ['1.', '0.', 'a', '1.a', '-', ' ', '1-'])
      parseGem(`1${part.repeat(511 / part.length)}`);
    assert.equal(parseGem('1'.repeat(513)), undefined);
  });
});
