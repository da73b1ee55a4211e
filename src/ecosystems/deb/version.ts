/** Debian's versions, deb-version(7): parsed, compared as dpkg does, and as byte keys of the same order. */
import type { VersionScheme } from '../../contract/version-scheme.ts';

export interface DpkgVersion {
  readonly epoch: number;
  readonly upstream: string;
  /** '0' where the text has none: dpkg takes the two for equal. */
  readonly revision: string;
}

const EPOCH = /^\+?\d+$/;
const MAX_EPOCH = 2_147_483_647;
const UPSTREAM = /^\d[A-Za-z0-9.+~:-]*$/;
const REVISION = /^[A-Za-z0-9.+~]+$/;

/**
 * Reads a version; undefined if `dpkg --validate-version` calls its syntax bad. That takes blanks around a version and a
 * plus sign before its epoch.
 */
export function parseDpkg(text: string): DpkgVersion | undefined {
  const version = trimBlanks(text);
  const colon = version.indexOf(':');
  if (colon >= 0 && !EPOCH.test(version.slice(0, colon))) return undefined;
  const epoch = colon < 0 ? 0 : Number(version.slice(0, colon));
  const hyphen = version.lastIndexOf('-');
  const upstream = version.slice(colon + 1, hyphen < 0 ? undefined : hyphen);
  const revision = hyphen < 0 ? '0' : version.slice(hyphen + 1);
  if (epoch > MAX_EPOCH || !UPSTREAM.test(upstream) || !REVISION.test(revision)) return undefined;
  return { epoch, upstream, revision };
}

/** Without the blanks of the C locale; `trim` would also take Unicode's, which dpkg refuses. */
function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

/** Negative, 0 or positive, as dpkg orders them. */
export function compareDpkg(a: DpkgVersion, b: DpkgVersion): number {
  return a.epoch - b.epoch || comparePart(a.upstream, b.upstream) || comparePart(a.revision, b.revision);
}

// deb-version(7), sorting algorithm: non-digits up to the next digit, then digits up to the next non-digit, and so on.
function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = rankAt(a, i) - rankAt(b, j);
      if (difference !== 0) return difference;
      i += 1;
      j += 1;
    }
    const x = digitsAt(a, i);
    const y = digitsAt(b, j);
    const difference =
      x.digits.length - y.digits.length || (x.digits < y.digits ? -1 : +(x.digits > y.digits));
    if (difference !== 0) return difference;
    i = x.end;
    j = y.end;
  }
  return 0;
}

// A byte for each character of a run of non-digits, in dpkg's order: `~`, the end of the run, letters, the others.
const TILDE = 1;
const END = 2;

function rankAt(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return END;
  const code = text.charCodeAt(at);
  if (code === 0x7e) return TILDE;
  const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return isLetter ? code : code + 0x80;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** The run of digits at `at` without leading zeros, '' for 0 or none; and where it ends. */
function digitsAt(text: string, at: number): { digits: string; end: number } {
  let end = at;
  while (end < text.length && isDigit(text, end)) end += 1;
  let start = at;
  while (start < end && text[start] === '0') start += 1;
  return { digits: text.slice(start, end), end };
}

/**
 * Bytes that sort as the version does. Epoch in four bytes, then upstream version and revision, each: the ranks of a run
 * of non-digits, END, its number as length and digits; and again; and END. Each part ends itself, so none can run into what
 * follows, and a text that goes on with `~` is below END, with anything else above it.
 */
export function keyOfDpkg({ epoch, upstream, revision }: DpkgVersion): Buffer {
  const bytes = [epoch >>> 24, (epoch >>> 16) & 0xff, (epoch >>> 8) & 0xff, epoch & 0xff];
  for (const part of [upstream, revision]) {
    for (let at = 0; at < part.length; ) {
      for (; at < part.length && !isDigit(part, at); at += 1) bytes.push(rankAt(part, at));
      const { digits, end } = digitsAt(part, at);
      bytes.push(END);
      let length = digits.length;
      for (; length >= 0xff; length -= 0xff) bytes.push(0xff);
      bytes.push(length);
      for (let index = 0; index < digits.length; index += 1) bytes.push(digits.charCodeAt(index));
      at = end;
    }
    bytes.push(END);
  }
  return Buffer.from(bytes);
}

/** The scheme of Debian and all that descends from it. */
export const dpkgVersions: VersionScheme<DpkgVersion> = {
  id: 'dpkg',
  parse: parseDpkg,
  compare: compareDpkg,
  key: keyOfDpkg,
};
