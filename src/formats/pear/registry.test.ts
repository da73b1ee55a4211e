import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readPearRecord } from './registry.ts';
import { type Plain, pearRecord, serialized } from './serialized.fixture.ts';
import { type PhpValue, readSerialized } from './serialized.ts';

function plain(value: PhpValue): Plain {
  if (!(value instanceof Map)) return value as Plain;
  return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each as PhpValue)]));
}

const { value: values } = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.dictionary(fc.stringMatching(/^[a-z"; ]{1,8}$|^\d$/), tie('value'), { noNullPrototype: true }),
  ),
}));

describe('values as PHP writes them', () => {
  it('are read as they were', () => {
    fc.assert(
      fc.property(values, (value) =>
        assert.deepEqual(plain(readSerialized(Buffer.from(serialized(value)))), value),
      ),
    );
  });

  const broken: [string, RegExp][] = [
    ['', /no value at byte 0/],
    ['O:3:"Lab":0:{}', /no value at byte 0/],
    ['s:5:"abc";', /a text at byte 5 has no end/],
    ['s:9999999999:"abc";', /has no end/],
    ['a:1:{N;i:1;}', /a key before byte 7 is none/],
    ['a:2:{i:0;i:1;}', /no value at byte 13/],
    ['a:1:{i:0;i:1;', /an array has no end at byte 13/],
    ['i:1;i:2;', /something follows the value at byte 4/],
    ['a:1:{i:0;'.repeat(100), /deeper than 64/],
    [`a:600000:{${'i:0;i:1;'.repeat(300_000)}}`, /more than 500000 values/],
  ];
  for (const [text, want] of broken)
    it(text.slice(0, 40) || 'nothing', () => assert.throws(() => readSerialized(Buffer.from(text)), want));
});

describe('records of PEAR', () => {
  it('say name, version and files', () =>
    assert.deepEqual(
      readPearRecord(
        Buffer.from(pearRecord('Archive_Tar', '1.4.14', ['/usr/local/lib/php/Archive/Tar.php'])),
      ),
      { name: 'Archive_Tar', version: '1.4.14', files: ['usr/local/lib/php/Archive/Tar.php'] },
    ));
  it('of the first version of package.xml say the version as a text', () =>
    assert.deepEqual(readPearRecord(Buffer.from(serialized({ package: 'Lab', version: '1.0' }))), {
      name: 'Lab',
      version: '1.0',
      files: [],
    }));
  it('in Latin-1 are read by their bytes', () => {
    const latin1 = Buffer.from('a:2:{s:4:"name";s:3:"Lab";s:7:"summary";s:1:"\xf6";}', 'latin1');
    assert.equal(readPearRecord(latin1).name, 'Lab');
  });
  it('are maps', () => assert.throws(() => readPearRecord(Buffer.from('i:1;')), /no record of PEAR/));
});
