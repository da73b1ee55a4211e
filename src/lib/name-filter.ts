/** A compact set of names that never denies a member: hashes in order, their differences in Golomb-Rice code. */

/** Hashes have so many bits: an integer that a double holds exactly. */
const HASH_BITS = 52;
const SCALE = 2 ** HASH_BITS;
const VERSION = 1;
const HEADER = 6;
/** Fewest and most bits of a difference that are written as they are: one of 2^n other names is taken for a member. */
const FEWEST_BITS = 7;
const MOST_BITS = 16;
/** Bits of a member beside those: the rest of the difference, in unary code, and its end. */
const UNARY_BITS = 1.5;

/** The state of a hash, which goes on from that of a common beginning. */
export interface HashState {
  readonly a: number;
  readonly b: number;
}

export const EMPTY_HASH: HashState = { a: 0x2545f491, b: 0x1b873593 };

/** Returns the state after one more byte, of the first half. */
export function stepA(a: number, byte: number): number {
  const mixed = Math.imul(a ^ byte, 0x01000193);
  return mixed ^ (mixed >>> 15);
}

/** The same, of the second half. */
export function stepB(b: number, byte: number): number {
  const mixed = Math.imul(b + byte, 0x5bd1e995);
  return (mixed << 11) | (mixed >>> 21);
}

/** Returns the hash that a state stands for: an integer below 2^52. */
export function finishHash(a: number, b: number): number {
  return spread(a ^ b) * 2 ** 20 + (spread(b + Math.imul(a, 0x9e3779b1)) >>> 12);
}

/** MurmurHash3's last step: every bit of the input changes half of the output. */
function spread(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Returns the state after all of `bytes`. */
export function hashBytes(bytes: Uint8Array, { a, b }: HashState = EMPTY_HASH): HashState {
  let [one, two] = [a, b];
  for (let at = 0; at < bytes.length; at++) {
    one = stepA(one, bytes[at]!);
    two = stepB(two, bytes[at]!);
  }
  return { a: one, b: two };
}

/**
 * Returns the set of `hashes` as base64. It takes about `budget` bytes before that, as long as this is enough for less
 * than 1 % of wrong members; the fewer members, the fewer wrong ones. The same members give the same text.
 */
export function encodeFilter(hashes: Float64Array, budget: number): string {
  const members = distinct(hashes);
  const count = members.length;
  const bits = Math.floor((8 * (budget - HEADER)) / Math.max(count, 1) - UNARY_BITS);
  const low = Math.min(MOST_BITS, Math.max(FEWEST_BITS, bits));
  const out = Buffer.alloc(HEADER + Math.ceil((count * (low + 2) + 8) / 8) + 1);
  out[0] = VERSION;
  out[1] = low;
  out.writeUInt32LE(count, 2);
  return out.toString('base64', 0, writeDifferences(members, low, out));
}

/** Members that one call takes: V8 compiles a function that is called again, and throws away what it made of one long loop. */
const PIECE = 1024;

/** In order. */
function distinct(hashes: Float64Array): Float64Array {
  const sorted = hashes.slice();
  // The bits of doubles from 0 on are in the order of their values, and integers are sorted in half of the time.
  new BigInt64Array(sorted.buffer).sort();
  let count = 0;
  for (let at = 0; at < sorted.length; at += PIECE) count = keepDistinct(sorted, count, at);
  return sorted.subarray(0, count);
}

/** Moves what is new in the piece at `from` to the first `count`; returns how many there are then. */
function keepDistinct(sorted: Float64Array, count: number, from: number): number {
  let kept = count;
  const end = Math.min(from + PIECE, sorted.length);
  for (let at = from; at < end; at++) {
    const hash = sorted[at]!;
    if (kept === 0 || hash !== sorted[kept - 1]) sorted[kept++] = hash;
  }
  return kept;
}

/** Returns where they end in `out`. */
function writeDifferences(members: Float64Array, low: number, out: Buffer): number {
  const written = { at: HEADER, last: 0, waiting: 0, filled: 0 };
  for (let from = 0; from < members.length; from += PIECE) writePiece(members, from, low, out, written);
  const { at, waiting, filled } = written;
  if (filled === 0) return at;
  out[at] = waiting;
  return at + 1;
}

/** How far the members are written. */
interface Written {
  at: number;
  last: number;
  /** Bits that wait to become bytes, the lowest first: at most 31. */
  waiting: number;
  filled: number;
}

function writePiece(members: Float64Array, from: number, low: number, out: Buffer, written: Written): void {
  const scale = 2 ** low;
  const range = members.length * scale;
  const end = Math.min(from + PIECE, members.length);
  let { at, last, waiting, filled } = written;
  for (let index = from; index < end; index++) {
    const value = scaled(members[index]!, range);
    const difference = value - last;
    last = value;
    let quotient = Math.floor(difference / scale);
    const rest = difference - quotient * scale;
    for (; quotient >= 8; quotient -= 8) {
      out[at++] = waiting | (0xff << filled);
      waiting = 0xff >>> (8 - filled);
    }
    waiting |= (((rest << 1) << quotient) | ((1 << quotient) - 1)) << filled;
    for (filled += quotient + 1 + low; filled >= 8; filled -= 8) {
      out[at++] = waiting;
      waiting >>>= 8;
    }
  }
  written.at = at;
  written.last = last;
  written.waiting = waiting;
  written.filled = filled;
}

/** Where `hash` lies in [0, range). */
function scaled(hash: number, range: number): number {
  return Math.min(Math.floor((hash / SCALE) * range), Math.max(range - 1, 0));
}

/** What of a set can be asked. */
export interface NameFilter {
  /** Members. */
  readonly size: number;
  /** Returns whether a member may have this hash; false only if none has. */
  has(hash: number): boolean;
}

/** Reads what `encodeFilter` wrote; undefined if it is not that, or cut. Takes memory in proportion to `text`. */
export function decodeFilter(text: string): NameFilter | undefined {
  const bytes = Buffer.from(text, 'base64');
  const low = bytes[1] ?? 0;
  if (bytes.length < HEADER || bytes[0] !== VERSION || low < FEWEST_BITS || low > MOST_BITS) return undefined;
  const size = bytes.readUInt32LE(2);
  const end = bytes.length * 8;
  // Each member has at least one bit and `low` more.
  if (size * (low + 1) > end - HEADER * 8) return undefined;
  const range = size * 2 ** low;
  const members = new Set<number>();
  let at = HEADER * 8;
  let last = 0;
  for (let index = 0; index < size; index++) {
    let quotient = 0;
    for (; at < end && (bytes[at >>> 3]! >>> (at & 7)) & 1; at++) quotient++;
    if (++at + low > end) return undefined;
    let rest = 0;
    for (let bit = 0; bit < low; bit++, at++) rest |= ((bytes[at >>> 3]! >>> (at & 7)) & 1) << bit;
    last += quotient * 2 ** low + rest;
    members.add(last);
  }
  if (last >= Math.max(range, 1)) return undefined;
  return { size, has: (hash) => members.has(scaled(hash, range)) };
}
