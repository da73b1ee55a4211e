import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertNoSquare } from '../../lib/growth.fixture.ts';
import { jsonFields } from './fields.ts';

const read = (text: string, ...wanted: string[]) =>
  Object.fromEntries(jsonFields(Buffer.from(text), new Set(wanted)));

describe('fields of a JSON object', () => {
  it('are those that were written', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a', 'b', '__proto__', '"', '\\', ''),
    );
    // V8 13.6 (Node 24) takes {"\""…} for {"\\"…} if an object with the latter key came before it. So what is expected is not
    // what JSON.parse makes of the whole text, and no value has a backslash.
    const values = fc.jsonValue({ maxDepth: 4 }).filter((value) => !JSON.stringify(value).includes('\\\\'));
    const objects = fc.dictionary(texts, values);
    fc.assert(
      fc.property(objects, fc.array(texts), fc.constantFrom(0, 2, '\t'), (object, wanted, space) => {
        const text = JSON.stringify(object, null, space);
        const known = wanted.filter((key) => Object.hasOwn(object, key));
        const want = new Map(known.map((key) => [key, JSON.parse(JSON.stringify(object[key]))]));
        const got = jsonFields(Buffer.from(text), new Set(wanted));
        assert.deepEqual(new Map([...got].sort()), new Map([...want].sort()));
      }),
    );
  });
  for (const [what, text, want] of [
    ['an empty object', ' { } ', {}],
    ['a byte order mark', '\uFEFF{"a":1}', { a: 1 }],
    ['the last of two', '{"a":1,"b":{"a":2},"a":3}', { a: 3 }],
    ['an escaped key', '{"\\u0061":"\\u0062"}', { a: 'b' }],
    ['quotes and brackets in strings', '{"x":"}\\"]","y\\\\":["\\\\"],"a":true}', { a: true }],
    ['what others would not read', '{"x":{1 2 3},"a":null}', { a: null }],
  ] as const) {
    it(`reads ${what}`, () => assert.deepEqual(read(text, 'a'), want));
  }
  for (const text of [
    ...['', ' ', 'null', '[]', '"a"', '1', '{', '{"a"', '{"a":', '{"a":1', '{"a":"1', '{"a":1]', '{"a":[1}'],
    ...[
      '{"a":1}x',
      '{"a":1}{',
      '{a:1}',
      '{"a" 1}',
      '{"a":}',
      '{"a":,"b":1}',
      '{"a":1 "b":2}',
      '{"a":x}',
      '{,}',
    ],
    ...['{"a":[1}, "b":2', `{"a":"${'x'.repeat(70_000)}"}`, '{"b":'.repeat(100_000)],
  ]) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => assert.throws(() => read(text, 'a')));
  }
  it('takes time that grows with the size only', () => {
    for (const part of ['\\', '"', '{"b":', '[', ' ', '{},', '\\"', '"a":1,'])
      assertNoSquare((size) => {
        try {
          read(`{"x":"${part.repeat(size)}`, 'a');
        } catch {
          // It ends too early.
        }
      }, 50_000);
  });
});
