/**
 * Maven versions. "Version Order Specification" of Maven's POM reference says the rules, Maven's own class
 * (`ComparableVersion`, 3.9) what becomes of odd texts. Its order is no order everywhere
 * (`1-alpha < 1 < 1.sp.1 < 1-alpha`): versions of a shape that could take part in a circle have no key.
 */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareDigits, compareText, digitsKey, stripZeros } from '../../formats/versions/number-key.ts';

/** Digits without leading zeros, a qualifier, or what follows a hyphen. */
type Item = Numeric | Word | Item[];

interface Numeric {
  readonly digits: string;
}

interface Word {
  /** Place among the known qualifiers; all others come after them. */
  readonly rank: number;
  /** Of an unknown qualifier; '' for known ones. */
  readonly text: string;
}

/** A version as items; only the last item of a list can be a list. */
export type MavenVersion = readonly Item[];

/** Bounds the work on foreign text; no repository has longer ones. */
const MAX_LENGTH = 512;

// POM reference: these come first, in this order; '' is the release itself.
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const RELEASE = QUALIFIERS.indexOf('');
const UNKNOWN = QUALIFIERS.length;
const ALIASES: Readonly<Record<string, string>> = { ga: '', final: '', release: '', cr: 'rc' };
/** POM reference: only right before a number. */
const SHORT: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };

/** Maven reads any text; not so here what has characters that no version has, or a property that nobody filled in. */
export function parseMaven(text: string): MavenVersion | undefined {
  if (text.length > MAX_LENGTH || !/^[\x20-\x7e]+$/.test(text) || text.includes('${')) return undefined;
  const tokens = text.toLowerCase().match(/[0-9]+|[.-]|[^.0-9-]+/g) ?? [];
  const version: Item[] = [];
  let list = version;
  const open = (): void => {
    const inner: Item[] = [];
    list.push(inner);
    list = inner;
  };
  for (const [index, token] of tokens.entries()) {
    const before = kindOf(tokens[index - 1]);
    const after = kindOf(tokens[index + 1]);
    switch (kindOf(token)) {
      case 'separator':
        // POM reference: empty tokens are replaced with "0"
        if (before === 'separator' || before === 'none') list.push({ digits: '0' });
        if (token === '-') open();
        break;
      case 'number':
        if (before === 'word') open(); // a transition is equivalent to a hyphen
        list.push({ digits: stripZeros(token) });
        break;
      default:
        // ComparableVersion: before a number and at the end, ".x" is "-x"
        if (before === 'number' || ((after === 'number' || after === 'none') && list.length > 0)) open();
        list.push(wordOf(token, after === 'number'));
    }
  }
  trim(version);
  return version;
}

function kindOf(token: string | undefined): 'none' | 'separator' | 'number' | 'word' {
  if (token === undefined) return 'none';
  if (token === '.' || token === '-') return 'separator';
  return /^[0-9]/.test(token) ? 'number' : 'word';
}

function wordOf(token: string, beforeNumber: boolean): Word {
  const word = (beforeNumber ? SHORT[token] : undefined) ?? ALIASES[token] ?? token;
  const rank = QUALIFIERS.indexOf(word);
  return rank < 0 ? { rank: UNKNOWN, text: word } : { rank, text: '' };
}

/** POM reference, "trimming": nulls at the end go, and those right before each hyphen. */
function trim(list: Item[]): void {
  const last = list.at(-1);
  if (Array.isArray(last)) trim(last);
  for (let index = list.length - 1; index >= 0; index--) {
    const item = list[index]!;
    if (isNull(item)) list.splice(index, 1);
    else if (!Array.isArray(item)) break;
  }
}

function isNull(item: Item): boolean {
  if (Array.isArray(item)) return item.length === 0;
  return 'digits' in item ? item.digits === '0' : item.rank === RELEASE;
}

function compareLists(a: MavenVersion, b: MavenVersion): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const order = compareItems(a[index], b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined || b === undefined) return signOf(a) - signOf(b);
  // POM reference: qualifiers < what follows a hyphen < numbers
  if (Array.isArray(a)) return Array.isArray(b) ? compareLists(a, b) : 'digits' in b ? -1 : 1;
  if ('digits' in a) return !Array.isArray(b) && 'digits' in b ? compareDigits(a.digits, b.digits) : 1;
  if (Array.isArray(b) || 'digits' in b) return -1;
  return a.rank - b.rank || compareText(a.text, b.text);
}

/** Where an item is from the nothing that the shorter version is padded with. */
function signOf(item: Item | undefined): number {
  if (item === undefined) return 0;
  if (!Array.isArray(item)) return 'digits' in item ? Number(item.digits !== '0') : item.rank - RELEASE;
  for (const inner of item) {
    const sign = signOf(inner);
    if (sign !== 0) return sign;
  }
  return 0;
}

// What comes next in a version, as one byte of its key: a qualifier after a hyphen by its rank (0-7, the end of the
// version being RELEASE among them), a number after a hyphen, a number after a dot.
const HYPHEN_NUMBER = 8;
const NUMBER = 9;

/**
 * A key for numbers, of which each hyphen may start new ones or a qualifier with its numbers: `1.2.3`, `1.0-rc-2`,
 * `29.0-jre`, `4.1.9.Final`. There each item is decided by itself: if a list ends, what the other one has left is not
 * null (`trim` saw to that), and its first part that is not zero says which is greater.
 */
function key(version: MavenVersion): Buffer | undefined {
  const parts: Buffer[] = [];
  let list: MavenVersion = version;
  let isTop = true;
  for (let index = 0; index < list.length; index++) {
    const item = list[index]!;
    if (Array.isArray(item)) {
      if (index === 0 && !isTop) return undefined; // `1--1`
      list = item;
      isTop = false;
      index = -1;
    } else if ('digits' in item) {
      parts.push(Buffer.of(index === 0 && !isTop ? HYPHEN_NUMBER : NUMBER), digitsKey(item.digits));
    } else {
      // `1.x.2`: only the first of what follows a hyphen is safe to be a qualifier, and not an empty one (`1-ga.1`).
      if (index > 0 || isTop || item.rank === RELEASE) return undefined;
      parts.push(Buffer.of(item.rank));
      if (item.rank === UNKNOWN) parts.push(Buffer.from(`${item.text}\0`, 'latin1'));
    }
  }
  return Buffer.concat([...parts, Buffer.of(RELEASE)]);
}

/** The order of Maven. */
export const maven: VersionScheme<MavenVersion> = {
  id: 'maven',
  parse: parseMaven,
  compare: compareLists,
  key,
};
