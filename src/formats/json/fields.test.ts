import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertNoSquare } from '../../lib/growth.fixture.ts';
import { jsonFields } from './fields.ts';

const read = (text: string, ...wanted: string[]) =>
  Object.fromEntries(jsonFields(Buffer.from(text), new Set(wanted)));

describe('fields of a JSON object', () => {
  it('are those that JSON.parse finds', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('a', 'b', '__proto__', '"', '\\', ''),
    );
    const objects = fc.dictionary(texts, fc.jsonValue({ maxDepth: 4 }));
    fc.assert(
      fc.property(objects, fc.array(texts), fc.constantFrom(0, 2, '\t'), (object, wanted, space) => {
        const text = JSON.stringify(object, null, space);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const known = wanted.filter((key) => Object.hasOwn(parsed, key));
        const want = new Map(known.map((key) => [key, parsed[key]]));
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
