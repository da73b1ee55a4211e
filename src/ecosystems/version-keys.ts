/** Version keys: the byte strings by which versions and the bounds of advisories are compared. */

import type { VersionScheme } from '../contract/version-scheme.ts';
import { type Advisory, UNREADABLE_BOUND } from '../model/advisory.ts';

/** The key of a text; undefined where there is none, or the text is no version. */
export type KeyOf = (versions: VersionScheme, text: string) => Buffer | undefined;

/** So many texts are remembered: the same fix comes again and again. */
const REMEMBERED = 2000;

/** Makes keys, and remembers the last ones. */
export function versionKeys(): KeyOf {
  const recent = new Map<string, Buffer | undefined>();
  return (versions, text) => {
    const id = `${versions.id}\0${text}`;
    if (recent.has(id)) return recent.get(id);
    const version = text === UNREADABLE_BOUND ? undefined : versions.parse(text);
    const key = version === undefined ? undefined : ownBytes(versions.key(version));
    if (recent.size >= REMEMBERED) recent.clear();
    recent.set(id, key);
    return key;
  };
}

/** A copy: what is remembered would else hold 64 KiB of the pool of small buffers each, 100 MB in four imports. */
function ownBytes(bytes: Buffer | undefined): Buffer | undefined {
  if (bytes === undefined) return undefined;
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
}

/** `lo <= key < hi`; undefined: open. */
export interface KeyRange {
  readonly lo: Buffer | undefined;
  readonly hi: Buffer | undefined;
  /** A bound has no key: only code can tell. */
  readonly undecided: boolean;
}

const ZERO = Buffer.alloc(1);

/** The bounds of an advisory as keys; an inclusive upper bound is its key and a zero byte. */
export function keyRangeOf(
  keyOf: KeyOf,
  versions: VersionScheme,
  { from, below, upTo }: Pick<Advisory, 'from' | 'below' | 'upTo'>,
): KeyRange {
  const lo = from === undefined ? undefined : keyOf(versions, from);
  const upper = below ?? upTo;
  const upperKey = upper === undefined ? undefined : keyOf(versions, upper);
  return {
    lo,
    hi: upperKey && below === undefined ? Buffer.concat([upperKey, ZERO]) : upperKey,
    undecided: (from !== undefined && !lo) || (upper !== undefined && !upperKey),
  };
}
