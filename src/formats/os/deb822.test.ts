import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertNoSquare } from '../../lib/growth.fixture.ts';
import { readDeb822 } from './deb822.ts';

const WANTED = new Set(['package', 'version', 'source', 'description']);

function read(text: string | Buffer) {
  return [...readDeb822(Buffer.from(text), WANTED)].map(({ line, fields, fault }) => [
    line,
    Object.fromEntries(fields),
    fault,
  ]);
}

describe('deb822', () => {
  const cases: [what: string, text: string, want: unknown[]][] = [
    ['nothing', '', []],
    ['blank lines', '\n\n\n', []],
    ['a stanza that no blank line ends', 'Package: a', [[1, { package: 'a' }, '']]],
    [
      'several blank lines between',
      'Package: a\n\n\nPackage: b\n\n',
      [
        [1, { package: 'a' }, ''],
        [4, { package: 'b' }, ''],
      ],
    ],
    [
      'names in any case, blanks around values',
      'PACKAGE:a \nversion :\t 1\n',
      [[1, { package: 'a', version: '1' }, '']],
    ],
    [
      'lines that end in CR LF',
      'Package: a\r\n\r\nPackage: b\r\n',
      [
        [1, { package: 'a' }, ''],
        [3, { package: 'b' }, ''],
      ],
    ],
    [
      'continuations',
      'Description: a\n b\n\tc\n .\nVersion: 1\n',
      [[1, { description: 'a b c .', version: '1' }, '']],
    ],
    [
      'a continuation of blanks',
      'Description: a\n \n b\nVersion: 1\n',
      [[1, { description: 'a  b', version: '1' }, '']],
    ],
    [
      'what is not wanted, with its continuations',
      'Depends: x\n Version: 9\nPackage: a\n',
      [[1, { package: 'a' }, '']],
    ],
    ['an empty value', 'Package:\nVersion: 1\n', [[1, { package: '', version: '1' }, '']]],
    ['comments', '# x\nPackage: a\n# y\n\n# z\n\n', [[2, { package: 'a' }, '']]],
    [
      'a line that is no field',
      'Package: a\n???\n x\nVersion: 1\n',
      [[1, { package: 'a', version: '1' }, 'line 2 is no field']],
    ],
    ['a name with blanks', 'Pack age: a\n', [[1, {}, 'line 1 is no field']]],
    ['a field twice', 'Package: a\nPackage: b\n c\n', [[1, { package: 'a' }, 'line 2 has a second Package']]],
    ['a continuation of nothing', ' x\nPackage: a\n', [[1, { package: 'a' }, 'line 1 continues nothing']]],
  ];
  for (const [what, text, want] of cases) it(`reads ${what}`, () => assert.deepEqual(read(text), want));

  it('cuts what is too long, and keeps the rest', () => {
    const long = `Description: ${'x'.repeat(200_000)}\n ${'y'.repeat(200_000)}\nVersion: 1\n`;
    const [stanza] = [...readDeb822(Buffer.from(long), WANTED)];
    assert.equal(stanza?.fields.get('description')?.length, 64 * 1024);
    assert.equal(stanza?.fields.get('version'), '1');
    assert.match(stanza?.fault ?? '', /line 1: a value of more than/);
  });

  it('takes any bytes, and finds the stanza that follows them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const stanzas = read(Buffer.concat([bytes, Buffer.from('\n\nPackage: last\n')]));
        assert.deepEqual((stanzas.at(-1) as unknown[])[1], { package: 'last' });
      }),
    );
  });

  it('takes time that grows with the size only', () => {
    assertNoSquare((size) => read(`Description: a\n${' b\n'.repeat(size)}`), 40_000);
    assertNoSquare((size) => read(`${'a'.repeat(size)}\n`), 250_000);
    assertNoSquare((size) => read(`a${' '.repeat(size)}\n`), 250_000);
  });
});
