import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { Secret } from './secret.ts';

describe('Secret', () => {
  const secret = new Secret('pässword');
  it('gives its text to whoever asks for it', () => assert.equal(secret.reveal(), 'pässword'));
  const shown: [string, string][] = [
    ['JSON', JSON.stringify({ secret })],
    ['a template', `${secret}`],
    ['inspect', inspect({ deep: { secret } }, { showHidden: true })],
    ['its keys', JSON.stringify(Object.entries(secret))],
  ];
  for (const [where, text] of shown) it(`is not in ${where}`, () => assert.doesNotMatch(text, /pässword/));
});
