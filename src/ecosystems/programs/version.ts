/**
 * Versions of programs as their makers write them: any count of numbers, pre-releases as Semantic Versioning orders them,
 * and the letters of OpenSSL (`1.1.1w`) and patches of OpenSSH (`9.2p1`), which come after the release that they are of.
 */
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareDigits, compareText, digitsKey, stripZeros } from '../../formats/versions/number-key.ts';
import { comparePrerelease, prereleaseKey } from '../../formats/versions/semver.ts';

export interface ProgramVersion {
  /** Digits without leading zeros; none at the end that is zero. */
  readonly numbers: readonly string[];
  /** Not empty: before the release. */
  readonly prerelease: readonly string[];
  /** Not empty: after the release, in the order of the text. */
  readonly letters: string;
  /** Behind the letters; `0` if there is none. */
  readonly patch: string;
}

/** No program has longer ones. */
const MAX_LENGTH = 256;

/** Words of pre-releases that makers write with their number: `rc10` is after `rc9`. */
const WORD = /^(alpha|beta|preview|pre|rc|dev|milestone|snapshot|a|b|c|m)(\d+)$/i;

const WHOLE =
  /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)|\.?((?:alpha|beta|preview|pre|rc|dev|a|b|c)\d*)|([a-z]{1,2})|(p)(\d+))?(?:\+[0-9A-Za-z.~-]*)?$/i;

/** A letter alone is one of OpenSSL's, one with a number a pre-release of Python's: `1.0.2a`, `3.14.0a1`. */
const LETTER = /^[abc]$/i;

/** What all lookups and bounds of programs are ordered by. */
export const programVersions: VersionScheme<ProgramVersion> = { id: 'program', parse, compare, key };

function parse(text: string): ProgramVersion | undefined {
  const match = text.length > MAX_LENGTH ? null : WHOLE.exec(text);
  if (match === null) return undefined;
  const [, dotted = '', marked, word = '', letters = '', p = '', patch = '0'] = match;
  const numbers = dotted.split('.').map(stripZeros);
  while (numbers.length > 1 && numbers.at(-1) === '0') numbers.pop();
  const isLetter = LETTER.test(word);
  const before = marked ?? (isLetter ? '' : word);
  return {
    numbers,
    prerelease: before === '' ? [] : before.split('.').flatMap(partsOf),
    letters: isLetter ? word : letters || p,
    patch: stripZeros(patch),
  };
}

function partsOf(part: string): string[] {
  const [, word, number] = WORD.exec(part) ?? [];
  if (word !== undefined && number !== undefined) return [wordOf(word), stripZeros(number)];
  return [/^\d+$/.test(part) ? stripZeros(part) : part];
}

/** Python's letters for what others write as words. */
const SHORT: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', c: 'rc' };

/** A word of a pre-release as it is ordered. */
export function wordOf(word: string): string {
  const lower = word.toLowerCase();
  return SHORT[lower] ?? lower;
}

function compare(a: ProgramVersion, b: ProgramVersion): number {
  return (
    compareNumbers(a.numbers, b.numbers) ||
    comparePrerelease(a.prerelease, b.prerelease) ||
    compareText(a.letters, b.letters) ||
    compareDigits(a.patch, b.patch)
  );
}

function compareNumbers(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = compareDigits(a[index] ?? '0', b[index] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

// What may follow a number in a key, from below: the end of the numbers, or one more of them.
const END = 0;
const NUMBER = 1;

function key({ numbers, prerelease, letters, patch }: ProgramVersion): Buffer {
  return Buffer.concat([
    ...numbers.flatMap((number) => [Buffer.of(NUMBER), digitsKey(number)]),
    Buffer.of(END),
    prereleaseKey(prerelease),
    Buffer.from(`${letters}\0`, 'latin1'),
    digitsKey(patch),
  ]);
}
