/** The errors that docs/how-to/troubleshoot.md explains are those that the programs print. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../imports.ts';
import { readDocument } from './blocks.ts';

const DOCUMENT = 'docs/how-to/troubleshoot.md';
/** Shorter pieces between two `…` say nothing. */
const MIN_PIECE = 4;

// jose says why a token is refused
const sources = ['src', 'web', 'node_modules/jose/dist']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|js|mjs)$/.test(path) && !path.includes('.test.'))
      .map((path) => join(ROOT, folder, path)),
  )
  // a text that is broken over lines of source is one text
  .map((path) => readFileSync(path, 'utf8').replaceAll(/['`] \+\s+['`]/g, ''));

/** The first cell of each row of a table whose first column is called "message". */
function quotedTexts(text: string): string[] {
  const texts: string[] = [];
  let isQuoting = false;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) isQuoting = false;
    else if (line.startsWith('| message')) isQuoting = true;
    else if (isQuoting)
      texts.push(...[...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, one = '']) => one));
  }
  return texts;
}

describe(`error texts of ${DOCUMENT}`, () => {
  const texts = quotedTexts(readDocument(DOCUMENT));

  it('are there', () => assert.ok(texts.length > 20, `${texts.length}`));

  for (const text of texts) {
    it(text, () => {
      const pieces = text
        .split('…')
        .map((piece) => piece.trim())
        .filter((piece) => piece.length >= MIN_PIECE);
      assert.ok(pieces.length > 0, 'nothing is left to look for');
      const source = sources.find((candidate) => pieces.every((piece) => candidate.includes(piece)));
      assert.ok(source, `no source has all of ${JSON.stringify(pieces)}`);
    });
  }
});
