/** Decodes the chunks of LZMA2, one after another (tukaani.org/xz/xz-file-format.txt, 5.3.1; the LZMA specification of 7-Zip). */
import { evenOdds, LzmaBits } from './lzma-bits.ts';

const STATES = 12;
/** States below it follow a literal. */
const AFTER_LITERAL = 7;
const POSITIONS = 16;
/** Distances from this slot on have bits without odds. */
const FIRST_EVEN_SLOT = 14;
const ALIGN_BITS = 4;
const LEAST_MATCH = 2;
/** Most bytes that come out of one chunk. */
const MOST_OF_CHUNK = 2 * 1024 * 1024;

/** Odds of the lengths of matches: up to 9, 17, and 273. */
interface Lengths {
  readonly choice: Uint16Array;
  readonly low: Uint16Array;
  readonly mid: Uint16Array;
  readonly high: Uint16Array;
}

const lengths = (): Lengths => ({
  choice: evenOdds(2),
  low: evenOdds(POSITIONS * 8),
  mid: evenOdds(POSITIONS * 8),
  high: evenOdds(256),
});

function allOdds(literals: number) {
  return {
    isMatch: evenOdds(STATES * POSITIONS),
    isRepeat: evenOdds(STATES),
    isNotFirst: evenOdds(STATES),
    isNotSecond: evenOdds(STATES),
    isNotThird: evenOdds(STATES),
    isLong: evenOdds(STATES * POSITIONS),
    slots: evenOdds(4 * 64),
    special: evenOdds(128),
    align: evenOdds(1 << ALIGN_BITS),
    matches: lengths(),
    repeats: lengths(),
    literals: evenOdds(0x300 << literals),
  };
}

type Odds = ReturnType<typeof allOdds>;

/** What is written so far, and what the decoder has learned of it. */
export class Lzma2 {
  readonly #most: number;
  #window: Buffer;
  #length = 0;
  /** Bytes since the last reset of the dictionary, of which the window has the last ones. */
  #position = 0;
  #odds = allOdds(0);
  #state = 0;
  #distances = [0, 0, 0, 0];
  #literalContext = 0;
  #literalPositions = 0;
  #positions = 0;
  /** What has to come first. */
  #needs: 'dictionary' | 'properties' | 'state' | 'nothing' = 'dictionary';

  /** `dictionary`: bytes that a match may reach back. */
  constructor(dictionary: number) {
    this.#most = dictionary;
    this.#window = Buffer.alloc(Math.min(dictionary, MOST_OF_CHUNK) + MOST_OF_CHUNK);
  }

  /** Takes bytes that are not compressed. The result holds until the next call. */
  plain(bytes: Uint8Array, resets: boolean): Buffer {
    if (resets) this.#resetDictionary();
    else if (this.#needs === 'dictionary') throw new Error('xz: a chunk refers to missing data');
    const start = this.#room(bytes.length);
    this.#window.set(bytes, start);
    this.#length += bytes.length;
    this.#position += bytes.length;
    return this.#window.subarray(start, this.#length);
  }

  /** Decodes a chunk of which `size` bytes come out; `reset`: 1 the state, 2 with new `properties`, 3 the dictionary too. */
  chunk(bytes: Uint8Array, size: number, reset: number, properties: number): Buffer {
    if (reset === 3) this.#resetDictionary();
    if (reset >= 2) this.#setProperties(properties);
    if (reset === 1 && this.#needs === 'state') this.#needs = 'nothing';
    if (this.#needs !== 'nothing') throw new Error('xz: a chunk refers to missing data');
    if (reset >= 1) this.#resetState();
    const start = this.#room(size);
    const bits = new LzmaBits(bytes);
    const end = start + size;
    while (this.#length < end) this.#next(bits, end);
    if (!bits.isFinished) throw new Error('xz: a chunk exceeds its size');
    return this.#window.subarray(start, end);
  }

  #resetDictionary(): void {
    this.#length = 0;
    this.#position = 0;
    this.#needs = 'properties';
  }

  #setProperties(properties: number): void {
    if (this.#needs === 'dictionary') throw new Error('xz: a chunk refers to missing data');
    if (properties >= 9 * 5 * 5) throw new Error('xz: bad properties');
    this.#literalContext = properties % 9;
    this.#literalPositions = Math.floor(properties / 9) % 5;
    this.#positions = Math.floor(properties / 45);
    if (this.#literalContext + this.#literalPositions > 4) throw new Error('xz: bad properties');
    this.#needs = 'nothing';
  }

  #resetState(): void {
    this.#odds = allOdds(this.#literalContext + this.#literalPositions);
    this.#state = 0;
    this.#distances = [0, 0, 0, 0];
  }

  /** Makes room for `size` more bytes, by dropping what no match may reach. Returns where they go. */
  #room(size: number): number {
    if (this.#length + size > this.#window.length) {
      const kept = Math.min(this.#length, this.#most);
      const wanted = Math.min(Math.max(this.#window.length * 2, kept + size), this.#most + MOST_OF_CHUNK);
      const target =
        kept + size > this.#window.length / 2 ? Buffer.alloc(Math.max(wanted, kept + size)) : this.#window;
      this.#window.copy(target, 0, this.#length - kept, this.#length);
      this.#window = target;
      this.#length = kept;
    }
    return this.#length;
  }

  #next(bits: LzmaBits, end: number): void {
    const state = this.#state;
    const position = this.#position & ((1 << this.#positions) - 1);
    if (bits.bit(this.#odds.isMatch, state * POSITIONS + position) === 0) this.#literal(bits);
    else this.#copy(this.#match(bits, position), end);
  }

  /** Reads of what distance a match is, which becomes the first one. Returns its length. */
  #match(bits: LzmaBits, position: number): number {
    const odds = this.#odds;
    const state = this.#state;
    const isAfterLiteral = state < AFTER_LITERAL;
    if (bits.bit(odds.isRepeat, state) === 0) {
      const length = lengthOf(bits, odds.matches, position);
      this.#distances = [distanceOf(bits, odds, length), ...this.#distances.slice(0, 3)];
      this.#state = isAfterLiteral ? 7 : 10;
      return length;
    }
    if (bits.bit(odds.isNotFirst, state) === 1) {
      const isThird = bits.bit(odds.isNotSecond, state) === 1;
      const index = isThird ? 2 + bits.bit(odds.isNotThird, state) : 1;
      this.#distances.unshift(...this.#distances.splice(index, 1));
    } else if (bits.bit(odds.isLong, state * POSITIONS + position) === 0) {
      this.#state = isAfterLiteral ? 9 : 11;
      return 1;
    }
    this.#state = isAfterLiteral ? 8 : 11;
    return lengthOf(bits, odds.repeats, position);
  }

  #literal(bits: LzmaBits): void {
    const { literals } = this.#odds;
    const before = this.#length > 0 ? this.#window[this.#length - 1]! : 0;
    const place = this.#position & ((1 << this.#literalPositions) - 1);
    const context = (place << this.#literalContext) + (before >>> (8 - this.#literalContext));
    const base = 0x300 * context;
    let symbol = 1;
    if (this.#state >= AFTER_LITERAL) {
      // What a match would have brought is likely not it: the first bit in which they differ ends that.
      let matched = this.#window[this.#length - this.#distances[0]! - 1]!;
      let offset = 0x100;
      while (symbol < 0x100) {
        matched <<= 1;
        const likely = matched & offset;
        const bit = bits.bit(literals, base + offset + likely + symbol);
        symbol = symbol * 2 + bit;
        offset &= bit === 1 ? likely : ~likely;
      }
    } else {
      while (symbol < 0x100) symbol = symbol * 2 + bits.bit(literals, base + symbol);
    }
    this.#window[this.#length++] = symbol;
    this.#position++;
    this.#state -= this.#state < 4 ? this.#state : this.#state < 10 ? 3 : 6;
  }

  #copy(length: number, end: number): void {
    const from = this.#length - this.#distances[0]! - 1;
    if (from < 0 || this.#distances[0]! >= this.#most) throw new Error('xz: a match reaches back too far');
    if (this.#length + length > end) throw new Error('xz: a match exceeds its chunk');
    const window = this.#window;
    for (let index = 0; index < length; index++) window[this.#length + index] = window[from + index]!;
    this.#length += length;
    this.#position += length;
  }
}

function lengthOf(bits: LzmaBits, { choice, low, mid, high }: Lengths, position: number): number {
  if (bits.bit(choice, 0) === 0) return LEAST_MATCH + bits.tree(low, position * 8, 3);
  if (bits.bit(choice, 1) === 0) return LEAST_MATCH + 8 + bits.tree(mid, position * 8, 3);
  return LEAST_MATCH + 16 + bits.tree(high, 0, 8);
}

/** 0 is the byte before. */
function distanceOf(bits: LzmaBits, { slots, special, align }: Odds, length: number): number {
  const slot = bits.tree(slots, Math.min(length - LEAST_MATCH, 3) * 64, 6);
  if (slot < 4) return slot;
  const count = (slot >>> 1) - 1;
  const start = (2 + (slot & 1)) * 2 ** count;
  if (slot < FIRST_EVEN_SLOT) return start + bits.reversed(special, start - slot, count);
  return start + bits.even(count - ALIGN_BITS) * 2 ** ALIGN_BITS + bits.reversed(align, 0, ALIGN_BITS);
}
