/** The versions of rpm, rpm-version(7): `[epoch:]version[-release]`, compared as rpm does, and as byte keys of that order. */
import type { VersionScheme } from '../../../contract/version-scheme.ts';

export interface RpmVersion {
  /** Digits. */
  readonly epoch: string;
  readonly version: string;
  /** undefined: the text has none, which rpm puts before any release. */
  readonly release: string | undefined;
}

const EPOCH = /^(\d*):/;

/** Longer ones are nobody's versions; keys are kept in an index. */
const MAX_LENGTH = 1024;

/** Reads a version as rpm does: the last dash begins the release. rpm refuses nothing but an empty text. */
export function parseRpm(text: string): RpmVersion | undefined {
  if (text === '' || text.length > MAX_LENGTH) return undefined;
  const [prefix = '', epoch = ''] = EPOCH.exec(text) ?? [];
  const dash = text.lastIndexOf('-');
  const hasRelease = dash >= prefix.length;
  return {
    epoch: epoch || '0',
    version: text.slice(prefix.length, hasRelease ? dash : undefined),
    release: hasRelease ? text.slice(dash + 1) : undefined,
  };
}

/** Negative, 0 or positive, as rpm orders them. */
export function compareRpm(a: RpmVersion, b: RpmVersion): number {
  return (
    compareNumbers(significant(a.epoch), significant(b.epoch)) ||
    compareSegments(a.version, b.version) ||
    (a.release === undefined || b.release === undefined
      ? +(a.release !== undefined) - +(b.release !== undefined)
      : compareSegments(a.release, b.release))
  );
}

// The rank of what a text goes on with. rpm-version(7): a tilde is before the end, a caret after it but before
// anything else; numbers are after letters.
const TILDE = 1;
const END = 2;
const CARET = 3;
const LETTERS = 4;
const DIGITS = 5;

interface Segment {
  readonly rank: number;
  /** Letters, or digits without leading zeros. */
  readonly text: string;
}

const SEGMENT = /[~^]|[0-9]+|[A-Za-z]+/g;

/** What rpm sees of a text: everything but letters, digits, tilde and caret only separates. */
function segmentsOf(text: string): Segment[] {
  return Array.from(text.matchAll(SEGMENT), ([piece]) => {
    if (piece === '~') return { rank: TILDE, text: '' };
    if (piece === '^') return { rank: CARET, text: '' };
    return isDigit(piece) ? { rank: DIGITS, text: significant(piece) } : { rank: LETTERS, text: piece };
  });
}

function isDigit(text: string): boolean {
  const code = text.charCodeAt(0);
  return code >= 0x30 && code <= 0x39;
}

function significant(digits: string): string {
  return digits.replace(/^0+/, '');
}

function compareSegments(a: string, b: string): number {
  const left = segmentsOf(a);
  const right = segmentsOf(b);
  for (let index = 0; index < left.length || index < right.length; index += 1) {
    const [one, two] = [left[index] ?? AT_END, right[index] ?? AT_END];
    const difference =
      one.rank - two.rank ||
      (one.rank === DIGITS ? compareNumbers(one.text, two.text) : compareTexts(one.text, two.text));
    if (difference !== 0) return difference;
  }
  return 0;
}

const AT_END: Segment = { rank: END, text: '' };

/** Of digits without leading zeros, however many. */
function compareNumbers(a: string, b: string): number {
  return a.length - b.length || compareTexts(a, b);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : +(a > b);
}

/**
 * Bytes that sort as the version does: the epoch as a number; the version's segments, each its rank and its text, and END;
 * then 0 for no release, or 1 and its segments and END. A number is its length and its digits, letters end with a zero.
 */
export function keyOfRpm({ epoch, version, release }: RpmVersion): Buffer {
  const bytes: number[] = [];
  pushNumber(bytes, significant(epoch));
  pushSegments(bytes, version);
  bytes.push(release === undefined ? 0 : 1);
  if (release !== undefined) pushSegments(bytes, release);
  return Buffer.from(bytes);
}

function pushSegments(bytes: number[], part: string): void {
  for (const { rank, text } of segmentsOf(part)) {
    bytes.push(rank);
    if (rank === DIGITS) pushNumber(bytes, text);
    if (rank === LETTERS) {
      pushText(bytes, text);
      bytes.push(0);
    }
  }
  bytes.push(END);
}

function pushNumber(bytes: number[], digits: string): void {
  let { length } = digits;
  for (; length >= 0xff; length -= 0xff) bytes.push(0xff);
  bytes.push(length);
  pushText(bytes, digits);
}

function pushText(bytes: number[], text: string): void {
  for (let index = 0; index < text.length; index += 1) bytes.push(text.charCodeAt(index));
}

/** The scheme of rpm and all that installs its packages. */
export const rpmVersions: VersionScheme<RpmVersion> = {
  id: 'rpm',
  parse: parseRpm,
  compare: compareRpm,
  key: keyOfRpm,
};
