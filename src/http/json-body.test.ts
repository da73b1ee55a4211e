import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { readBody, readOptionalBody } from './json-body.ts';

const schema = z.object({ a: z.number() });

describe('JSON bodies', () => {
  it('are read from bytes and text', () => {
    assert.deepEqual(readBody(schema, Buffer.from('{"a":1}')), { a: 1 });
    assert.deepEqual(readBody(schema, '{"a":1}'), { a: 1 });
  });

  for (const [name, body, message] of [
    ['nothing', undefined, /^body: not valid JSON: /],
    ['half of something', '{"a":', /^body: not valid JSON: /],
    ['a wrong type', '{"a":"1"}', /^body: a: expected number, received string$/],
  ] as const) {
    it(`refuse ${name}`, () => {
      assert.throws(() => readBody(schema, body), { code: 'bad-request', message });
    });
  }

  it('may be empty where that means something', () => {
    for (const body of [undefined, '', Buffer.from(' \n')])
      assert.equal(readOptionalBody(schema, body), undefined);
    assert.throws(() => readOptionalBody(schema, 'x'), { code: 'bad-request' });
  });
});
