import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CPE_ATTRIBUTES, type Cpe, covers, coversByPrefix, formatCpe, parseCpe } from './cpe.ts';

function cpe(text: string): Cpe {
  const parsed = parseCpe(text);
  assert.ok(parsed, text);
  return parsed;
}

describe('parseCpe and formatCpe', () => {
  const forms: [given: string, formatted: string][] = [
    ['cpe:/o:redhat:enterprise_linux:8', 'cpe:2.3:o:redhat:enterprise_linux:8:*:*:*:*:*:*:*'],
    [
      'cpe:/a:redhat:enterprise_linux:8::appstream',
      'cpe:2.3:a:redhat:enterprise_linux:8:*:appstream:*:*:*:*:*',
    ],
    ['cpe:/a:redhat:rhel_eus:9.2::appstream', 'cpe:2.3:a:redhat:rhel_eus:9.2:*:appstream:*:*:*:*:*'],
    ['CPE:/A:RedHat:Some_Thing', 'cpe:2.3:a:redhat:some_thing:*:*:*:*:*:*:*:*'],
    ['cpe:/a', 'cpe:2.3:a:*:*:*:*:*:*:*:*:*:*'],
    ['cpe:/a:x:y:-', 'cpe:2.3:a:x:y:-:*:*:*:*:*:*:*'],
    ['cpe:/a:x:y:8.%02', 'cpe:2.3:a:x:y:8.*:*:*:*:*:*:*:*'],
    ['cpe:/a:x:y:%01%011', 'cpe:2.3:a:x:y:??1:*:*:*:*:*:*:*'],
    ['cpe:/a:x:a%2bb%3ac~d', 'cpe:2.3:a:x:a\\+b\\:c\\~d:*:*:*:*:*:*:*:*'],
    ['cpe:/a:x:y:1:sp2:~ed~sw~linux~x64~more:en', 'cpe:2.3:a:x:y:1:sp2:ed:en:sw:linux:x64:more'],
    ['cpe:/a:x:y:1::~~~linux~~', 'cpe:2.3:a:x:y:1:*:*:*:*:linux:*:*'],
    ['cpe:2.3:a:x:y\\.z\\-1\\_2:1.0:*:-:*:*:*:*:*', 'cpe:2.3:a:x:y.z-1_2:1.0:*:-:*:*:*:*:*'],
    ['cpe:2.3:a:X:foo\\:bar\\\\:*9.?:*:*:*:*:*:*:*', 'cpe:2.3:a:X:foo\\:bar\\\\:*9.?:*:*:*:*:*:*:*'],
    ['cpe:2.3:a:x:\\-:*:*:*:*:*:*:*:*', 'cpe:2.3:a:x:\\-:*:*:*:*:*:*:*:*'],
  ];
  for (const [given, formatted] of forms) {
    it(`${given} -> ${formatted}`, () => {
      assert.equal(formatCpe(cpe(given)), formatted);
      assert.equal(formatCpe(cpe(formatted)), formatted);
    });
  }

  const none = [
    '',
    'cpe:',
    'cpe:/',
    'cpe:/x:a:b',
    'cpe:/:a:b',
    'cpe:/a:b c',
    'cpe:/a:x:y:4.*',
    'cpe:/a:x:y:%02',
    'cpe:/a:x:a%02b',
    'cpe:/a:x:y:%',
    'cpe:/a:x:y:%00',
    'cpe:/a:x:y:1::~too~few',
    'cpe:/a:1:2:3:4:5:6:7',
    'cpe:2.3:a:x:y',
    'cpe:2.3:*:x:y:*:*:*:*:*:*:*:*',
    'cpe:2.3:a:x:y:*:*:*:*:*:*:*:*:*',
    'cpe:2.3:a:x::*:*:*:*:*:*:*:*',
    'cpe:2.3:a:x:a+b:*:*:*:*:*:*:*:*',
    'cpe:2.3:a:x:a*b:*:*:*:*:*:*:*:*',
    'cpe:2.3:a:x:a\\b:*:*:*:*:*:*:*:*',
    'cpe:2.3:a:x:é:*:*:*:*:*:*:*:*',
    'cpe:2.3:a:x:y:*:*:*:*:*:*:*:\\',
    `cpe:/a:${'x'.repeat(5000)}`,
    'wfn:[part="a"]',
  ];
  for (const text of none)
    it(`${JSON.stringify(text.slice(0, 60))} is none`, () => assert.equal(parseCpe(text), undefined));
});

describe('covers', () => {
  const versions: [advisory: string, target: string, covered: boolean][] = [
    ['*', '*', true],
    ['*', '-', true],
    ['*', '1', true],
    ['-', '*', false],
    ['-', '-', true],
    ['-', '1', false],
    ['1', '*', false],
    ['1', '-', false],
    ['1', '1', true],
    ['1', '10', false],
    ['A.b', 'a.B', true],
    ['1*', '1', true],
    ['1*', '1.5', true],
    ['1*', '21', false],
    ['1*', '*', false],
    ['1*', '-', false],
    ['*foo', 'foo', true],
    ['*foo', 'a.foo', true],
    ['*foo', 'food', false],
    ['*foo*', 'a.food', true],
    ['foo?', 'foo', true],
    ['foo?', 'food', true],
    ['foo?', 'foods', false],
    ['foo??', 'foods', true],
    ['?foo', 'afoo', true],
    ['?foo', 'aafoo', false],
    ['?foo*', 'afoo.1', true],
    ['*o', 'foo', true],
    ['8.?', '8.10', false],
    ['8.??', '8.10', true],
    // A quoted character is one character.
    ['a?', 'a\\+', true],
    ['a?', 'a\\+\\+', false],
    ['a\\?', 'ab', false],
    ['a\\?', 'a\\?', true],
    ['a\\\\*', 'a\\\\b', true],
    ['*', '1*', true],
    ['1*', '1*', true],
    ['1*', '12*', false],
  ];
  for (const [advisory, target, covered] of versions) {
    it(`${advisory} ${covered ? 'covers' : 'does not cover'} ${target}`, () => {
      const named = (version: string) => cpe(`cpe:2.3:a:x:y:${version}:*:*:*:*:*:*:*`);
      assert.equal(covers(named(advisory), named(target)), covered);
    });
  }

  const names: [advisory: string, target: string, covered: boolean, byPrefix: boolean][] = [
    ['cpe:/a:redhat:openshift:4', 'cpe:/a:redhat:openshift:4.13::el8', false, true],
    ['cpe:/a:redhat:openshift:4', 'cpe:/a:redhat:openshift:40', false, false],
    ['cpe:/a:redhat:openshift:4', 'cpe:/a:redhat:openshift:4::el8', true, true],
    ['cpe:/a:redhat:openshift:4.1', 'cpe:/a:redhat:openshift:4.13', false, false],
    ['cpe:/a:redhat:openshift:4.13', 'cpe:/a:redhat:openshift:4', false, false],
    ['cpe:/a:redhat:openshift:4::el8', 'cpe:/a:redhat:openshift:4.13::el8', false, false],
    ['cpe:/a:redhat:openshift', 'cpe:/a:redhat:openshift_pipelines:1', false, false],
    ['cpe:/o:redhat:enterprise_linux:1', 'cpe:/o:redhat:enterprise_linux:10', false, false],
    ['cpe:/o:redhat:enterprise_linux:8', 'cpe:/o:redhat:enterprise_linux:8::baseos', true, true],
    ['cpe:/o:redhat:enterprise_linux:8::baseos', 'cpe:/o:redhat:enterprise_linux:8', false, false],
    ['cpe:/o:redhat:enterprise_linux:8', 'cpe:/a:redhat:enterprise_linux:8', false, false],
    ['cpe:/a:redhat:x:1::~~~linux~~', 'cpe:/a:redhat:x:1::~~~~~', false, false],
    ['cpe:/a:redhat:x:1', 'cpe:/a:redhat:x:1::~~~linux~~', true, true],
    ['cpe:/a:redhat:x', 'cpe:/a:redhat:x.y:1', false, true],
  ];
  for (const [advisory, target, covered, byPrefix] of names) {
    it(`${advisory} over ${target}: ${covered}, by prefix ${byPrefix}`, () => {
      assert.equal(covers(cpe(advisory), cpe(target)), covered);
      assert.equal(coversByPrefix(cpe(advisory), cpe(target)), byPrefix);
    });
  }
});

const character = fc.constantFrom(...'abz019._-', '\\+', '\\:', '\\\\', '\\*', '\\?', '\\!', '\\~');
const literal = fc
  .array(character, { minLength: 1, maxLength: 5 })
  .map((characters) => characters.join(''))
  .filter((text) => text !== '-');
const special = fc.constantFrom('', '*', '?', '??');
const pattern = fc.tuple(special, literal, special).map((parts) => parts.join(''));
const value = fc.oneof(fc.constantFrom('*', '-'), literal, pattern);
const name = fc
  .tuple(fc.constantFrom('a', 'o', 'h'), fc.array(value, { minLength: 10, maxLength: 10 }))
  .map(([part, values]) => cpe(['cpe:2.3', part, ...values].join(':')));

describe('laws', () => {
  it('what is written is read again', () =>
    fc.assert(fc.property(name, (each) => assert.deepEqual(parseCpe(formatCpe(each)), each))));

  it('a name covers itself, and the name of any covers all of its part', () =>
    fc.assert(
      fc.property(name, (each) => {
        assert.ok(covers(each, each));
        assert.ok(covers(cpe(`cpe:/${each.part}`), each));
      }),
    ));

  it('covering is transitive, and the prefix covers whatever is covered', () =>
    fc.assert(
      fc.property(name, name, name, fc.nat(10), fc.nat(10), (a, seed, other, i, j) => {
        const at = (index: number) => CPE_ATTRIBUTES[index] as keyof Cpe;
        const b = { ...a, [at(i)]: other[at(i)] };
        const c = { ...b, [at(j)]: seed[at(j)] };
        if (covers(a, b) && covers(b, c)) assert.ok(covers(a, c));
        if (covers(a, b)) assert.ok(coversByPrefix(a, b));
      }),
      { numRuns: 1000 },
    ));

  it('a pattern covers what it is made from', () =>
    fc.assert(
      fc.property(literal, literal, literal, (before, body, after) => {
        const named = (version: string) => cpe(`cpe:2.3:a:x:y:${version}:*:*:*:*:*:*:*`);
        assert.ok(covers(named(`*${body}*`), named(before + body + after)));
        assert.ok(covers(named(`${body}*`), named(body + after)));
        assert.ok(covers(named(`*${body}`), named(before + body)));
      }),
    ));

  it('no text throws, and what is read is written in a form that is read alike', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom('cpe:/', 'cpe:2.3:', ':', 'a', '*', '-', '~', '%02', '%2b', '\\', '.', '?'), {
          maxLength: 30,
        })
        .map((parts) => parts.join('')),
      fc
        .array(fc.constantFrom('a', '*', '-', '?', '\\-', '\\', '.'), { minLength: 10, maxLength: 10 })
        .map((parts) => `cpe:2.3:a:${parts.join(':')}`),
    );
    fc.assert(
      fc.property(text, (given) => {
        const parsed = parseCpe(given);
        if (parsed !== undefined) assert.deepEqual(parseCpe(formatCpe(parsed)), parsed);
      }),
      { numRuns: 5000 },
    );
  });
});
