/** Semantic Versioning 2.0.0: reading, order, and keys in byte order; npm and Go build on it. */
import { clampToInt32, compareDigits, compareText, digitsKey, stripZeros } from './number-key.ts';

/** A version; the numbers are digits without leading zeros, of any size. Build metadata has no order and is gone. */
export interface Semver {
  readonly major: string;
  readonly minor: string;
  readonly patch: string;
  readonly prerelease: readonly string[];
}

export interface SemverOptions {
  /** Allows a leading `v`, as npm does and Go demands. */
  readonly prefixV?: boolean;
  /** Reads what npm reads as "loose": leading zeros, `1.2.3beta`; and `1` or `1.2` as `1.0.0`, `1.2.0`. */
  readonly lenient?: boolean;
}

/** npm refuses longer ones; no registry has them. */
const MAX_LENGTH = 256;

const STRICT =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const LENIENT =
  /^(\d+)(?:\.(\d+)(?:\.(\d+))?)?(?:-?((?<=-)[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*|[A-Za-z-][0-9A-Za-z-]*(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/** The version that `text` is, whole; undefined if it is none. */
export function parseSemver(text: string, options: SemverOptions = {}): Semver | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const bare = options.prefixV && /^v/.test(text) ? text.slice(1) : text;
  const match = (options.lenient ? LENIENT : STRICT).exec(bare);
  if (match === null) return undefined;
  const [, major = '0', minor = '0', patch = '0', tail] = match;
  const prerelease = tail === undefined ? [] : tail.split('.');
  // semver 9: numeric identifiers must not have leading zeros
  if (!options.lenient && prerelease.some((part) => /^0\d+$/.test(part))) return undefined;
  return {
    major: stripZeros(major),
    minor: stripZeros(minor),
    patch: stripZeros(patch),
    prerelease: prerelease.map((part) => (/^\d+$/.test(part) ? stripZeros(part) : part)),
  };
}

/** Precedence, semver 11. */
export function compareSemver(a: Semver, b: Semver): number {
  return (
    compareDigits(a.major, b.major) ||
    compareDigits(a.minor, b.minor) ||
    compareDigits(a.patch, b.patch) ||
    comparePrerelease(a.prerelease, b.prerelease)
  );
}

/** A byte string in the order of `compareSemver`. */
export function semverKey(version: Semver): Buffer {
  const numbers = [version.major, version.minor, version.patch].map(digitsKey);
  return Buffer.concat([...numbers, prereleaseKey(version.prerelease)]);
}

/** What follows the numbers in a key: a byte string in the order of `comparePrerelease`. */
export function prereleaseKey(prerelease: readonly string[]): Buffer {
  if (prerelease.length === 0) return Buffer.of(RELEASE);
  const parts = prerelease.map((part) =>
    /^\d/.test(part) && isNumeric(part)
      ? Buffer.concat([Buffer.of(NUMERIC), digitsKey(part)])
      : Buffer.from(`${String.fromCharCode(ALPHANUMERIC)}${part}\0`, 'latin1'),
  );
  return Buffer.concat([...parts, Buffer.of(END)]);
}

/** Clair's `semver:0.major.minor.patch.0…`, for its own matchers: it knows no pre-releases and 32 bits. */
export function normalizedSemver(version: Semver): string {
  const numbers = [version.major, version.minor, version.patch].map(clampToInt32);
  return `semver:${[0, ...numbers, 0, 0, 0, 0, 0, 0].join('.')}`;
}

// What follows the three numbers in a key: a list of pre-release parts, which is below its own continuation and
// below the release itself.
const END = 0;
const NUMERIC = 1;
const ALPHANUMERIC = 2;
const RELEASE = 3;

function isNumeric(part: string): boolean {
  return /^\d+$/.test(part);
}

/** Of the parts behind the numbers, none of which is a release. */
export function comparePrerelease(a: readonly string[], b: readonly string[]): number {
  // semver 11.3: a version without pre-release is above the same with one
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = comparePart(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function comparePart(a: string, b: string): number {
  const numeric = isNumeric(a);
  if (numeric !== isNumeric(b)) return numeric ? -1 : 1;
  return numeric ? compareDigits(a, b) : compareText(a, b);
}
