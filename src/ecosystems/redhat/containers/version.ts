/**
 * Versions of Red Hat's containers: tags such as `v4.13.0-202305.p0` or `1738404672`. The first two numbers are a
 * release of their own; within one, tags are ordered as rpm orders versions.
 */
import type { VersionScheme } from '../../../contract/version-scheme.ts';
import { compareRpm, keyOfRpm, parseRpm, type RpmVersion } from '../../rpm/scopes/version.ts';

export interface RhcTag {
  /** Digits without leading zeros; the seconds of a time that stands alone. */
  readonly major: string;
  readonly minor: string;
  /** The whole tag as rpm sees it. */
  readonly text: RpmVersion;
}

// clair-matching.md#version-schemes: an optional `v`, cut at the first dash, `major.minor` and whatever follows.
const TAG = /^v?(\d+)(?:\.(\d+)(?:\.[^-]*)?)?(?:-|$)/;
/** More is no number of a release; keys are kept in an index. */
const MAX_DIGITS = 100;

/** undefined: the text does not begin with the number of a release. */
export function parseRhcTag(text: string): RhcTag | undefined {
  const [, major, minor = ''] = TAG.exec(text) ?? [];
  if (major === undefined || major.length > MAX_DIGITS || minor.length > MAX_DIGITS) return undefined;
  // differs: a leading `v` is ignored, where Clair orders every tag with one before all without (clair-matching.md#selecting-advisories)
  const plain = text.replace(/^v/, '');
  // clair-matching.md#selecting-advisories: a tag without release has release 0
  const version = parseRpm(plain.includes('-') ? plain : `${plain}-0`);
  return version && { major: significant(major), minor: significant(minor), text: version };
}

/** The release of a tag, as the text of the first version of it: `4.13`. */
export function releaseOf({ major, minor }: RhcTag): string {
  return `${major || '0'}.${minor || '0'}`;
}

/** Of the releases that two tags are of. */
export function compareReleases(a: RhcTag, b: RhcTag): number {
  return compareNumbers(a.major, b.major) || compareNumbers(a.minor, b.minor);
}

/** The scheme of Red Hat's containers. */
export const rhctag: VersionScheme<RhcTag> = {
  id: 'rhctag',
  parse: parseRhcTag,
  compare: (a, b) => compareReleases(a, b) || compareRpm(a.text, b.text),
  key: ({ major, minor, text }) => Buffer.concat([keyOfNumber(major), keyOfNumber(minor), keyOfRpm(text)]),
};

function significant(digits: string): string {
  return digits.replace(/^0+/, '');
}

function compareNumbers(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : +(a > b));
}

/** Of at most `MAX_DIGITS`. */
function keyOfNumber(digits: string): Buffer {
  return Buffer.from(`${String.fromCharCode(digits.length)}${digits}`, 'latin1');
}
