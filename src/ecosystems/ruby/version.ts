/** Versions of RubyGems, as `Gem::Version` (its documentation in rubygems/version.rb) reads and orders them. */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareDigits, compareText, digitsKey, stripZeros } from '../../formats/versions/number-key.ts';

/** Segments without the zeros that make no difference: digits without leading zeros, or letters. */
export type GemVersion = readonly string[];

/** Bounds the work on foreign text; no gem has longer ones. */
const MAX_LENGTH = 512;

// Gem::Version: numbers and letters between dots, a number first; "-" begins a pre-release; nothing at all is 0.
const VERSION =
  /^[ \t\r\n\f\v]*(?:[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?[ \t\r\n\f\v]*$/;

/** The version that `text` is; undefined if it is none. */
export function parseGem(text: string): GemVersion | undefined {
  if (text.length > MAX_LENGTH || !VERSION.test(text)) return undefined;
  // differs: "rc10" is "rc" and 10, not a word (clair-matching.md#version-schemes)
  const segments = text.replaceAll('-', '.pre.').match(/[0-9]+|[a-zA-Z]+/g) ?? [];
  const stripped = segments.map((segment) => (isNumber(segment) ? stripZeros(segment) : segment));
  const firstWord = stripped.findIndex((segment) => !isNumber(segment));
  const words = firstWord < 0 ? stripped.length : firstWord;
  return [...trim(stripped.slice(0, words)), ...trim(stripped.slice(words))];
}

function isNumber(segment: string): boolean {
  return /^[0-9]/.test(segment);
}

/** `1.0.0` is `1`, and `1.0.a` is `1.a`. */
function trim(segments: readonly string[]): readonly string[] {
  return segments.slice(0, segments.findLastIndex((segment) => segment !== '0') + 1);
}

function compareGem(a: GemVersion, b: GemVersion): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    // Gem::Version: what is not there is 0, and letters are before numbers
    const [x, y] = [a[index] ?? '0', b[index] ?? '0'];
    const order =
      Number(isNumber(x)) - Number(isNumber(y)) || (isNumber(x) ? compareDigits(x, y) : compareText(x, y));
    if (order !== 0) return order;
  }
  return 0;
}

// What follows in a version, in the order of it all going on in zeros for ever: letters, zeros and then letters (the more
// zeros the later), nothing, zeros and then a number (the more zeros the earlier), a number.
const WORD = 1;
const ZEROS_WORD = 2;
const END = 3;
const ZEROS_NUMBER = 4;
const NUMBER = 5;

function key(version: GemVersion): Buffer {
  const parts: Buffer[] = [];
  let zeros = 0;
  for (const segment of version) {
    if (segment === '0') {
      zeros++;
      continue;
    }
    const isWord = !isNumber(segment);
    if (zeros > 0) {
      const run = Buffer.of(isWord ? ZEROS_WORD : ZEROS_NUMBER, 0, 0);
      run.writeUInt16BE(isWord ? zeros : 0xffff - zeros, 1); // a version has at most MAX_LENGTH segments
      parts.push(run);
      zeros = 0;
    }
    if (isWord) parts.push(Buffer.from(`${String.fromCharCode(WORD)}${segment}\0`, 'latin1'));
    else parts.push(Buffer.of(NUMBER), digitsKey(segment));
  }
  return Buffer.concat([...parts, Buffer.of(END)]);
}

/** The order of RubyGems. */
export const gem: VersionScheme<GemVersion> = { id: 'gem', parse: parseGem, compare: compareGem, key };
