import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { stripZeros } from '../../formats/versions/number-key.ts';
import { composerVersions, normalComposer, parseComposer } from './version.ts';

/** Written by scripts/gen-vectors-composer.php from what Composer says. */
const vectors = readFileSync(new URL('fixtures/versions.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t'));

const signs: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 };

/** What Composer keeps of leading zeros and separators has no order. */
function folded(normal: string): string {
  return normal.replace(/\d+/g, stripZeros).replace(/(?<=(?:alpha|beta|RC|patch)[\d.-]*)-(?=\d)/g, '.');
}

describe('versions of Composer', () => {
  it('are read and normalised as Composer does', () => {
    const cases = vectors.filter((fields) => fields.length === 2);
    assert.ok(cases.length > 500);
    for (const [text = '', want = ''] of cases) {
      const version = parseComposer(text);
      assert.equal(version === undefined ? '!' : normalComposer(version), folded(want), JSON.stringify(text));
    }
  });

  it('are ordered as Composer does, by compare and by key', () => {
    const cases = vectors.filter((fields) => fields.length === 3);
    assert.ok(cases.length > 2000);
    for (const [left = '', sign = '', right = ''] of cases) {
      const [a, b] = [parseComposer(left)!, parseComposer(right)!];
      assert.equal(Math.sign(composerVersions.compare(a, b)), signs[sign], `${left} ${sign} ${right}`);
    }
  });

  it('have numbers of any size', () => {
    const [a, b] = [`1.${'9'.repeat(100)}`, `1.1${'0'.repeat(100)}`].map((text) => parseComposer(text)!);
    assert.ok(composerVersions.compare(a!, b!) < 0);
    assert.equal(parseComposer(`1.${'9'.repeat(300)}`), undefined);
  });

  it('take no time to refuse', () => {
    for (const part of ['1', '.1', '-1', '10']) {
      for (const start of ['1.0-alpha', '1', '2020', '1.x']) {
        const text = start + part.repeat(200);
        assert.equal(parseComposer(`${text.slice(0, 250)}!`), undefined);
      }
    }
  });

  it('are read or refused whatever the text, and their normal form is the same version', () => {
    const pieces = fc.constantFrom(
      ...['1', '0', '20', '.', '-', '_', 'v', 'a', 'RC', 'p', 'dev', 'x', '+', '@', ' as '],
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 16 }).map((parts) => parts.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (written) => {
        const version = parseComposer(written);
        // A date has no normal form of four numbers: without its zeros it may read as another version.
        if (version === undefined || version.numbers.length !== 4 || version.numbers[0]!.length > 5) return;
        const again = parseComposer(normalComposer(version));
        assert.equal(again && composerVersions.compare(version, again), 0);
      }),
      { numRuns: 2000 },
    );
  });
});
