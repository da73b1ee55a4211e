import assert from 'node:assert/strict';
import { it } from 'node:test';
import { counted } from './counted.ts';

for (const [count, noun, plural, text] of [
  [0, 'finding', undefined, '0 findings'],
  [1, 'finding', undefined, '1 finding'],
  [2, 'finding', undefined, '2 findings'],
  [1, 'advisory', 'advisories', '1 advisory'],
  [12, 'advisory', 'advisories', '12 advisories'],
] as const) {
  it(text, () => assert.equal(counted(count, noun, plural), text));
}
