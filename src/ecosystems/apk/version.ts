/**
 * Versions of apk packages, as apk-package(5) writes them: number{.number}...{letter}{_suffix{number}}...{~hash}{-r#}.
 * Each part becomes a few bytes whose order is the order of the parts, so comparing versions is comparing bytes.
 */
import type { VersionScheme } from '../../contract/version-scheme.ts';

/** A version's parts as bytes. */
export type ApkVersion = Buffer;

/** No real version comes near. Lengths of numbers fit in a byte, and keys in a database's index. */
const MAX_LENGTH = 255;

const VERSION =
  /^(\d+)((?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~([0-9a-f]+))?(?:-r(\d+))?$/;

// What comes next decides between two versions that are equal so far: a further number is greater than a letter, that
// than a suffix, and so on down to the end; only the suffixes of pre-releases are less than the end.
const PRE_RELEASE = ['alpha', 'beta', 'pre', 'rc']; // 0x01 to 0x04
const END = 0x05;
const REVISION = 0x06;
const HASH = 0x07;
const SUFFIX_NUMBER = 0x08;
const POST_RELEASE = ['cvs', 'svn', 'git', 'hg', 'p']; // 0x10 to 0x14
const LETTER = 0x20;
const ZERO_LED_NUMBER = 0x30;
const NUMBER = 0x31;

/** The order of apk-tools. */
// differs: 1.0_rc1 < 1.0 (Clair's port takes it for greater), ~hash is read, -x1 is no revision (clair-matching.md#version-schemes)
export const apkVersion: VersionScheme<ApkVersion> = {
  id: 'apk',

  parse(text) {
    const parts = text.length <= MAX_LENGTH ? VERSION.exec(text) : null;
    if (parts === null) return undefined;
    const [, first = '', further = '', letter = '', suffixes = '', hash, revision] = parts;
    const bytes: number[] = [];
    pushNumber(bytes, first);
    for (const digits of further.split('.').slice(1)) pushComponent(bytes, digits);
    if (letter !== '') bytes.push(LETTER, letter.charCodeAt(0));
    for (const [, suffix = '', digits = ''] of suffixes.matchAll(/_([a-z]+)(\d*)/g)) {
      bytes.push(rankOf(suffix));
      if (digits !== '') {
        bytes.push(SUFFIX_NUMBER);
        pushNumber(bytes, digits);
      }
    }
    if (hash !== undefined) bytes.push(HASH, ...Buffer.from(hash), 0);
    if (revision !== undefined) {
      bytes.push(REVISION);
      pushNumber(bytes, revision);
    }
    bytes.push(END);
    return Buffer.from(bytes);
  },

  compare: (a, b) => Buffer.compare(a, b),

  key: (version) => version,
};

function rankOf(suffix: string): number {
  const rank = PRE_RELEASE.indexOf(suffix);
  return rank === -1 ? 0x10 + POST_RELEASE.indexOf(suffix) : 0x01 + rank;
}

/** A number after a dot. As in Gentoo's rules, where apk's come from, 1.01 is less than 1.1 and more than 1.001. */
function pushComponent(bytes: number[], digits: string): void {
  if (digits.startsWith('0')) {
    bytes.push(ZERO_LED_NUMBER, ...Buffer.from(digits), 0); // compared as text
  } else {
    bytes.push(NUMBER);
    pushNumber(bytes, digits);
  }
}

/** A number of any size by its value: how many digits, then the digits. */
function pushNumber(bytes: number[], digits: string): void {
  const significant = digits.replace(/^0+/, '');
  bytes.push(significant.length, ...Buffer.from(significant));
}
