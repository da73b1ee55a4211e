import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type JsonMember, jsonMembers } from './stream.ts';

/** `text` in chunks of `size` bytes. */
async function* chunked(text: string | Buffer, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(members: AsyncIterable<JsonMember>): Promise<JsonMember[]> {
  const all: JsonMember[] = [];
  for await (const member of members) all.push(member);
  return all;
}

async function read(text: string | Buffer, path: readonly string[] = [], size = 5): Promise<JsonMember[]> {
  return collect(jsonMembers(chunked(text, size), path));
}

describe('jsonMembers', () => {
  const cases: [text: string, path: string[], want: [string | number, unknown][]][] = [
    [
      '{"a":1,"b":[2]}',
      [],
      [
        ['a', 1],
        ['b', [2]],
      ],
    ],
    [
      '[1,"x",null,{"a":{}},[]]',
      [],
      [
        [0, 1],
        [1, 'x'],
        [2, null],
        [3, { a: {} }],
        [4, []],
      ],
    ],
    [
      ' \n{ "a" : 1 , "b" : { "c" : "}" } } \n',
      [],
      [
        ['a', 1],
        ['b', { c: '}' }],
      ],
    ],
    ['\uFEFF{"a":1}', [], [['a', 1]]],
    ['{}', [], []],
    [' [ ] ', [], []],
    [
      '{"x":{"list":[9]},"list":[1,2],"y":[3]}',
      ['list'],
      [
        [0, 1],
        [1, 2],
      ],
    ],
    ['{"a":{"c":0,"b":{"k":true}},"b":{"k":false}}', ['a', 'b'], [['k', true]]],
    ['{"a":1,"a":[2]}', ['a'], [[0, 2]]],
    ['{"a":[1],"a":[2]}', ['a'], [[0, 1]]],
    ['{"a\\u0062\\"{":{"x":1}}', ['ab"{'], [['x', 1]]],
    [
      '{"s":"a,b:]}{[","t":"\\\\","u":"\\""}',
      [],
      [
        ['s', 'a,b:]}{['],
        ['t', '\\'],
        ['u', '"'],
      ],
    ],
    ['{"é😀":"é😀"}', [], [['é😀', 'é😀']]],
    ['[[1],[2]]', ['1'], [[0, 2]]],
    [
      '[1,truth,3]',
      [],
      [
        [0, 1],
        [1, undefined],
        [2, 3],
      ],
    ],
    [
      '{"a":{"b":01},"c":2}',
      [],
      [
        ['a', undefined],
        ['c', 2],
      ],
    ],
    [
      '[1,,2]',
      [],
      [
        [0, 1],
        [1, undefined],
        [2, 2],
      ],
    ],
    [
      '{"a":,"b":2}',
      [],
      [
        ['a', undefined],
        ['b', 2],
      ],
    ],
    ['{"__proto__":1}', [], [['__proto__', 1]]],
  ];
  for (const [text, path, want] of cases) {
    for (const size of [1, 3, 1000]) {
      it(`${JSON.stringify(text)} at ${path.join('.') || 'the root'}, ${size} bytes at a time`, async () => {
        assert.deepEqual(
          (await read(text, path, size)).map(({ key, value }) => [key, value]),
          want,
        );
      });
    }
  }

  const bad: [text: string, path: string[], message: RegExp][] = [
    ['', [], /no object or array/],
    ['null', [], /no object or array/],
    ['<html></html>', [], /no object or array/],
    ['{"a":1}', ['a'], /no object or array at "a"/],
    ['{"b":[]}', ['a'], /no object or array at "a"/],
    ['{"a":[1,2', ['a'], /ends in the middle/],
    ['{"a":[1,2]', ['a'], /ends in the middle/],
    ['["x', [], /ends in the middle/],
    ['[]]', [], /not opened/],
    ['{"a":1 "b":2}', [], /colon is not behind a key/],
    ['[1:2]', [], /colon is not behind a key/],
    ['{"a"}', [], /a member has no key/],
    ['{"a":1,"b"}', [], /a member has no key/],
    ['{a:1}', [], /a key is no string/],
  ];
  for (const [text, path, message] of bad) {
    it(`refuses ${JSON.stringify(text)} at ${path.join('.') || 'the root'}`, async () => {
      await assert.rejects(read(text, path), { name: 'AppError', message });
    });
  }

  it('keeps what it read before the text broke off', async () => {
    const keys: unknown[] = [];
    await assert.rejects(async () => {
      for await (const { key } of jsonMembers(chunked('{"a":1,"b":2,"c', 4), [])) keys.push(key);
    });
    assert.deepEqual(keys, ['a', 'b']);
  });

  it('skips a member that is too long', async () => {
    async function* long() {
      yield Buffer.from('["');
      for (let i = 0; i < 65; i++) yield Buffer.alloc(1024 * 1024, 0x78);
      yield Buffer.from('", 2]');
    }
    const members = await collect(jsonMembers(long(), []));
    assert.deepEqual(
      members.map(({ key, bytes, value }) => [key, bytes?.toString(), value]),
      [
        [0, undefined, undefined],
        [1, ' 2', 2],
      ],
    );
  });

  it('reads what JSON.parse reads', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.array(fc.json()), fc.dictionary(fc.string(), fc.json())),
        fc.integer({ min: 1, max: 9 }),
        async (values, size) => {
          const parsed: unknown = Array.isArray(values)
            ? values.map((value) => JSON.parse(value))
            : Object.fromEntries(Object.entries(values).map(([key, value]) => [key, JSON.parse(value)]));
          const text = JSON.stringify({ before: { list: 1 }, list: parsed }, undefined, size % 3);
          const members = await read(text, ['list'], size);
          const back = Array.isArray(parsed)
            ? members.map(({ value }) => value)
            : Object.fromEntries(members.map(({ key, value }) => [key, value]));
          assert.equal(JSON.stringify(back), JSON.stringify(parsed));
        },
      ),
    );
  });

  it('takes any text', async () => {
    const odd = fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', '1', 'a', ' ') });
    await fc.assert(
      fc.asyncProperty(fc.oneof(odd, fc.string()), fc.constantFrom([], ['a'], ['1']), async (text, path) => {
        await read(text, path).catch((error) => assert.equal(error.name, 'AppError'));
      }),
    );
  });
});
