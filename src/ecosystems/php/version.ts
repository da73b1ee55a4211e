/** Versions of Composer packages, read and ordered as Composer does (getcomposer.org/doc/articles/versions.md). */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import { digitsKey, stripZeros } from '../../formats/versions/number-key.ts';

type Stability = 'alpha' | 'beta' | 'RC' | 'patch';

/** Numbers are digits without leading zeros. */
export interface ComposerVersion {
  /** Four, but for dates. */
  readonly numbers: readonly string[];
  readonly stability?: { readonly label: Stability; readonly numbers: readonly string[] };
  /** Of a branch or before a release: `1.2.x-dev`, `1.2.3-dev`. */
  readonly dev: boolean;
}

/** Bounds the work on foreign text; Packagist has no longer ones. */
const MAX_LENGTH = 256;

// Composer: a hyphen, a dot, an underscore or nothing may stand before a stability; case does not matter.
const MODIFIER =
  /[._-]?(?:(?<label>stable|beta|b|rc|alpha|a|patch|pl|p)(?<tail>(?:[.-]?\d)*))?(?<dev>[.-]?dev)?$/.source;
const CLASSIC = new RegExp(`^v?(?<numbers>\\d{1,5}(?:\\.\\d+){0,3})${MODIFIER}`, 'i');
const DATE = new RegExp(`^v?(?<numbers>\\d{4}(?:[.:-]?\\d{2}){1,6}(?:[.:-]?\\d{1,3}){0,2})${MODIFIER}`, 'i');
const BRANCH = /^v?(\d+)((?:\.(?:\d+|[x*])){0,3})[.-]?dev$/i;

/** What Composer takes for the `x` of a branch. */
const ANY = '9999999';

const STABILITIES: Readonly<Record<string, Stability>> = {
  a: 'alpha',
  alpha: 'alpha',
  b: 'beta',
  beta: 'beta',
  rc: 'RC',
  p: 'patch',
  pl: 'patch',
  patch: 'patch',
};

/**
 * The version that `text` is. undefined if it is none, or is a branch without a number (`dev-main`): Composer itself
 * can say of such neither that it is above nor that it is below another version.
 */
export function parseComposer(text: string): ComposerVersion | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const bare = text
    .trim()
    // Composer: of `1.0 as 2.0` the first is what there is
    .replace(/^([^,\s]+) +as +[^,\s]+$/, '$1')
    .replace(/@(?:stable|rc|beta|alpha|dev)$/i, '')
    .replace(/^([^,\s+]+)\+\S+$/, '$1');
  const classic = CLASSIC.exec(bare)?.groups;
  if (classic !== undefined) {
    const numbers = classic.numbers!.split('.');
    return versionOf([...numbers, '0', '0', '0'].slice(0, 4), classic);
  }
  const date = DATE.exec(bare)?.groups;
  if (date !== undefined) return versionOf(date.numbers!.split(/\D/), date);
  const [, first, rest = ''] = BRANCH.exec(bare) ?? [];
  if (first === undefined) return undefined;
  const numbers = [first, ...rest.split('.').slice(1)].map((part) => (/\d/.test(part) ? part : ANY));
  return { numbers: [...numbers, ANY, ANY, ANY].slice(0, 4).map(stripZeros), dev: true };
}

function versionOf(
  numbers: readonly string[],
  { label, tail, dev }: Readonly<Record<string, string | undefined>>,
): ComposerVersion {
  const read = numbers.map(stripZeros);
  // Composer: what says that it is stable is nothing else.
  if (label === undefined || label.toLowerCase() === 'stable')
    return { numbers: read, dev: label === undefined && dev !== undefined };
  const stability = {
    label: STABILITIES[label.toLowerCase()]!,
    numbers: (tail?.match(/\d+/g) ?? []).map(stripZeros),
  };
  return { numbers: read, stability, dev: dev !== undefined };
}

// php.net/version_compare: parts are compared one by one; any text < dev < alpha < beta < RC < # < pl, the end of the
// shorter one being below a number and `pl`, and above the others.
const PART = { dev: 0, alpha: 1, beta: 2, RC: 3, end: 4, number: 5, patch: 6 };

function key({ numbers, stability, dev }: ComposerVersion): Buffer {
  const parts = numbersKey(numbers);
  if (stability !== undefined) parts.push(Buffer.of(PART[stability.label]), ...numbersKey(stability.numbers));
  parts.push(...(dev ? [Buffer.of(PART.dev)] : []), Buffer.of(PART.end));
  return Buffer.concat(parts);
}

function numbersKey(numbers: readonly string[]): Buffer[] {
  return numbers.flatMap((digits) => [Buffer.of(PART.number), digitsKey(digits)]);
}

/** The normal form, as Composer keeps it beside the version; without leading zeros. */
export function normalComposer({ numbers, stability, dev }: ComposerVersion): string {
  const tail = stability === undefined ? '' : `-${stability.label}${stability.numbers.join('.')}`;
  return `${numbers.join('.')}${tail}${dev ? '-dev' : ''}`;
}

/** The order of Composer's constraints. */
export const composerVersions: VersionScheme<ComposerVersion> = {
  id: 'composer',
  parse: parseComposer,
  compare: (a, b) => Buffer.compare(key(a), key(b)),
  key,
};
