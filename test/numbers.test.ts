/** What is numbered has each number once: migrations, which no service starts with otherwise, and decisions. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { INDEXER_SCHEMA, MATCHER_SCHEMA, NOTIFIER_SCHEMA } from '../src/schemas.ts';
import { ROOT } from './imports.ts';

const numbersIn = (directory: URL | string): number[] =>
  readdirSync(directory)
    .flatMap((name) => /^(\d{3})-/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

describe('numbers', () => {
  for (const { ledger, directory } of [INDEXER_SCHEMA, MATCHER_SCHEMA, NOTIFIER_SCHEMA])
    it(`of migrations follow one another (${ledger})`, () => {
      const numbers = numbersIn(directory);
      assert.deepEqual(
        numbers,
        numbers.map((_, n) => n + 1),
      );
    });

  it('of decisions are there once', () => {
    const numbers = numbersIn(join(ROOT, 'docs', 'decisions'));
    assert.deepEqual(numbers, [...new Set(numbers)]);
  });
});
