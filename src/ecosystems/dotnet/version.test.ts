import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { versionSchemeLaws } from '../version-laws.fixture.ts';
import { type NugetVersion, nugetVersions, parseNuget } from './version.ts';

function parse(text: string): NugetVersion {
  return parseNuget(text) ?? assert.fail(`${text} is a version`);
}

function sign(left: string, right: string): number {
  const [a, b] = [parse(left), parse(right)];
  const order = Math.sign(nugetVersions.compare(a, b));
  assert.equal(Buffer.compare(nugetVersions.key(a)!, nugetVersions.key(b)!), order, `${left} ${right}: keys`);
  return order;
}

/** From the documentation of NuGet: each is below all after it. */
const ascending = [
  '0.0.0-0',
  '0',
  '0.0.0.1',
  '1.0.0-0',
  '1.0.0-9',
  '1.0.0-10',
  '1.0.0-99999999999999999999',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-RC',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.0.1-alpha',
  '1.0.0.1',
  '1.0.0.10',
  '1.0.1-alpha',
  '1.0.1',
  '1.2',
  '1.10',
  '2',
  '20240101120000.0.0.0',
];

const same: [string, string][] = [
  ['1', '1.0.0.0'],
  ['1.0', '1.0.0'],
  ['1.01.1', '1.1.1'],
  ['1.00.0.1', '1.0.0.1'],
  ['1.0.0-Alpha.B', '1.0.0-alpha.b'],
  ['1.0.0+githash', '1.0.0'],
  ['1.0.0-rc+a.b-c', '1.0.0-rc+other'],
  ['1.0.0-01', '1.0.0-1'],
  [' 1.0.0 ', '1.0.0'],
];

describe('versions of NuGet', () => {
  it('are ordered as documented, by compare and by key', () => {
    for (const [i, a] of ascending.entries()) {
      for (const [j, b] of ascending.entries()) assert.equal(sign(a, b), Math.sign(i - j), `${a} ${b}`);
    }
  });

  for (const [a, b] of same) it(`${a} is ${b}`, () => assert.equal(sign(a, b), 0));

  for (const text of [
    '',
    'v1.0.0',
    '1.',
    '.1',
    '1..0',
    '1.0.0.0.0',
    '1.0-',
    '1.0+',
    '1.0-a..b',
    '1.0-ü',
    '[1.0]',
    '1.*',
    '-1',
  ])
    it(`${JSON.stringify(text)} is none`, () => assert.equal(parseNuget(text), undefined));
  it('are of bounded length', () => assert.equal(parseNuget('1'.repeat(300)), undefined));

  const number = fc.constantFrom('0', '1', '2', '10', '01', '255', '256', '9'.repeat(30));
  const label = fc.constantFrom('0', '1', '10', '01', 'a', 'A', 'b', 'rc', 'rc1', '-', 'z-', '1a');
  const version = fc
    .tuple(fc.array(number, { minLength: 1, maxLength: 4 }), fc.array(label, { maxLength: 3 }))
    .map(([numbers, labels]) => numbers.join('.') + (labels.length > 0 ? `-${labels.join('.')}` : ''));

  versionSchemeLaws(nugetVersions, version);
});
