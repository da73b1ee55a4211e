import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { schemaIssues } from './schema-issues.ts';

const schema = z.object({ hash: z.string(), layers: z.array(z.object({ uri: z.string().max(3) })) });

function told(value: unknown): string {
  const { error } = schema.safeParse(value);
  return schemaIssues(error!);
}

describe('issues of a schema', () => {
  for (const [name, value, text] of [
    [
      'a member of a list',
      { hash: '', layers: [{ uri: 5 }] },
      'layers[0].uri: expected string, received number',
    ],
    ['what is missing', { layers: [] }, 'hash: missing: expected string'],
    ['the whole', 'x', 'expected object, received string'],
    [
      'its own words',
      { hash: '', layers: [{ uri: 'abcd' }] },
      'layers[0].uri: Too big: expected string to have <=3 characters',
    ],
    [
      'at most three',
      { layers: [{}, {}, {}] },
      'hash: missing: expected string; layers[0].uri: missing: expected string; layers[1].uri: missing: expected string; 1 more',
    ],
  ] as const) {
    it(name, () => assert.equal(told(value), text));
  }
});
