/** Python versions: PEP 440, all of it, with numbers of any size. */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import { clampToInt32, digitsKey, stripZeros } from '../../formats/versions/number-key.ts';

/** Numbers are digits without leading zeros. */
export interface Pep440 {
  readonly epoch: string;
  readonly release: readonly string[];
  readonly pre?: { readonly label: PreLabel; readonly number: string };
  readonly post?: string;
  readonly dev?: string;
  /** Segments in lower case; numbers without leading zeros. */
  readonly local: readonly string[];
}

type PreLabel = 'a' | 'b' | 'rc';

/** Bounds the work on foreign text; no index has longer ones. */
const MAX_LENGTH = 512;

// PEP 440, "Version scheme" and "Normalization": case, separators, spellings and a leading "v" do not matter.
const VERSION = new RegExp(
  [
    /^\s*v?/,
    /(?:(?<epoch>[0-9]+)!)?/,
    /(?<release>[0-9]+(?:\.[0-9]+)*)/,
    /(?:[-_.]?(?<label>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<pre>[0-9]*))?/,
    /(?:-(?<dash>[0-9]+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>[0-9]*))?/,
    /(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>[0-9]*))?/,
    /(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/,
  ]
    .map((part) => part.source)
    .join(''),
  'i',
);

const LABELS: Readonly<Record<string, PreLabel>> = {
  a: 'a',
  alpha: 'a',
  b: 'b',
  beta: 'b',
  c: 'rc',
  rc: 'rc',
  pre: 'rc',
  preview: 'rc',
};

/** The version that `text` is, whole but for spaces around it; undefined if it is none. */
// differs: the whole text must be the version, not a part of it (clair-indexing.md#language-versions)
export function parsePep440(text: string): Pep440 | undefined {
  const groups = text.length <= MAX_LENGTH ? VERSION.exec(text)?.groups : undefined;
  if (groups === undefined) return undefined;
  const { epoch, release = '', label, pre, dash, post, postNumber, dev, devNumber, local } = groups;
  return {
    epoch: stripZeros(epoch ?? '0'),
    release: release.split('.').map(stripZeros),
    ...(label === undefined ? {} : { pre: { label: LABELS[label.toLowerCase()]!, number: numberOf(pre) } }),
    ...(dash === undefined && post === undefined ? {} : { post: numberOf(dash ?? postNumber) }),
    ...(dev === undefined ? {} : { dev: numberOf(devNumber) }),
    local: (local?.toLowerCase().split(/[-_.]/) ?? []).map((part) =>
      /^[0-9]+$/.test(part) ? stripZeros(part) : part,
    ),
  };
}

/** PEP 440: an implicit pre-release, post-release or development release number is 0. */
function numberOf(digits: string | undefined): string {
  return stripZeros(digits || '0');
}

/** The normal form without the local part, which Clair never shows. */
export function publicVersion({ epoch, release, pre, post, dev }: Pep440): string {
  return [
    epoch === '0' ? '' : `${epoch}!`,
    release.join('.'),
    pre === undefined ? '' : pre.label + pre.number,
    // differs: `.post0` and `.dev0` are kept, they are not the final release (clair-indexing.md#language-versions)
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
  ].join('');
}

/**
 * Clair's `pep440:` and ten 32-bit integers, for its own matchers: epoch, five numbers of the release, rank and number
 * of the pre-release, post-release, development release.
 */
export function normalizedPep440({ epoch, release, pre, post, dev }: Pep440): string {
  const numbers = [0, 1, 2, 3, 4].map((index) => clampToInt32(release[index] ?? '0'));
  const devNumber = dev === undefined ? undefined : clampToInt32(dev);
  const isFirst = pre === undefined && post === undefined;
  const rank = pre === undefined ? 0 : { a: -3, b: -2, rc: -1 }[pre.label];
  return `pep440:${[
    clampToInt32(epoch),
    ...numbers,
    isFirst && devNumber !== undefined ? -0x80000000 + devNumber : rank,
    clampToInt32(pre?.number ?? '0'),
    clampToInt32(post ?? '0'),
    isFirst ? 0 : -(devNumber ?? 0) || 0,
  ].join('.')}`;
}

// The order of what may follow a release, and of what may not be there, is in these bytes.
const END = 0;
const MORE = 1;
const PRE_RANK = { dev: 0, a: 1, b: 2, rc: 3, none: 4 };

/** PEP 440, "Summary of permitted suffixes and relative ordering", as bytes. */
function key({ epoch, release, pre, post, dev, local }: Pep440): Buffer {
  const significant = release.slice(0, release.findLastIndex((number) => number !== '0') + 1);
  // 1.0.dev1 is before 1.0a1, though 1.0.post1.dev1 is after 1.0
  const preRank = pre?.label ?? (post === undefined && dev !== undefined ? 'dev' : 'none');
  const parts = [digitsKey(epoch)];
  for (const number of significant) parts.push(Buffer.of(MORE), digitsKey(number));
  parts.push(Buffer.of(END, PRE_RANK[preRank]));
  if (pre !== undefined) parts.push(digitsKey(pre.number));
  parts.push(...(post === undefined ? [Buffer.of(0)] : [Buffer.of(1), digitsKey(post)]));
  parts.push(...(dev === undefined ? [Buffer.of(1)] : [Buffer.of(0), digitsKey(dev)]));
  // PEP 440, "Local version identifiers": text before numbers, a prefix before what it begins.
  for (const segment of local) {
    if (/^[0-9]/.test(segment) && /^[0-9]+$/.test(segment)) parts.push(Buffer.of(2), digitsKey(segment));
    else parts.push(Buffer.of(1), Buffer.from(`${segment}\0`, 'latin1'));
  }
  parts.push(Buffer.of(END));
  return Buffer.concat(parts);
}

/** The order of PEP 440. */
export const pep440: VersionScheme<Pep440> = {
  id: 'pep440',
  parse: parsePep440,
  compare: (a, b) => Buffer.compare(key(a), key(b)),
  key,
};
