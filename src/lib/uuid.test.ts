import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseUuid } from './uuid.ts';

const PLAIN = '0b1e7a4c-12ab-4cde-8f00-0123456789ab';

for (const [text, want] of [
  [PLAIN, PLAIN],
  [PLAIN.toUpperCase(), PLAIN],
  [`urn:uuid:${PLAIN}`, PLAIN],
  [`{${PLAIN}}`, PLAIN],
  [PLAIN.replaceAll('-', ''), PLAIN],
  ['', undefined],
  ['nope', undefined],
  [`${PLAIN} `, undefined],
  [`{${PLAIN}`, undefined],
  [PLAIN.replace('a', 'g'), undefined],
  [`${PLAIN.slice(0, 9)}${PLAIN.slice(10)}`, undefined],
] as const) {
  it(`reads ${JSON.stringify(text)}`, () => assert.equal(parseUuid(text), want));
}
