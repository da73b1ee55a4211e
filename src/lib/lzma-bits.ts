/** The arithmetic decoder of LZMA: bits of which each has a probability that adapts. */

const TOP = 2 ** 24;
const MODEL_BITS = 11;
const EVEN = 1 << (MODEL_BITS - 1);
const MOVE_BITS = 5;

/** Probabilities that say "even" as yet. */
export function evenOdds(count: number): Uint16Array {
  return new Uint16Array(count).fill(EVEN);
}

/** Decodes the bits of one chunk. Throws at its end. */
export class LzmaBits {
  readonly #bytes: Uint8Array;
  #at = 5;
  #range = 0xffffffff;
  #code: number;

  constructor(bytes: Uint8Array) {
    if (bytes.length < 5 || bytes[0] !== 0) throw new Error('xz: a chunk does not begin as one');
    this.#bytes = bytes;
    this.#code = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  }

  /** Whether all of the chunk was used. */
  get isFinished(): boolean {
    return this.#at === this.#bytes.length && this.#code === 0;
  }

  bit(odds: Uint16Array, index: number): number {
    const odd = odds[index]!;
    const bound = (this.#range >>> MODEL_BITS) * odd;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      odds[index] = odd + ((2048 - odd) >>> MOVE_BITS);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      odds[index] = odd - (odd >>> MOVE_BITS);
      bit = 1;
    }
    if (this.#range < TOP) this.#shift();
    return bit;
  }

  /** `count` bits, highest first, each with the odds of those before it. */
  tree(odds: Uint16Array, offset: number, count: number): number {
    let node = 1;
    for (let left = count; left > 0; left--) node = node * 2 + this.bit(odds, offset + node);
    return node - (1 << count);
  }

  /** The same, lowest first. */
  reversed(odds: Uint16Array, offset: number, count: number): number {
    let node = 1;
    let value = 0;
    for (let index = 0; index < count; index++) {
      const bit = this.bit(odds, offset + node);
      node = node * 2 + bit;
      value += bit << index;
    }
    return value;
  }

  /** `count` bits that are as often 0 as 1. */
  even(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      this.#range = Math.floor(this.#range / 2);
      const bit = this.#code >= this.#range ? 1 : 0;
      this.#code -= bit * this.#range;
      value = value * 2 + bit;
      if (this.#range < TOP) this.#shift();
    }
    return value;
  }

  #shift(): void {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new Error('xz: a chunk is truncated');
    this.#range *= 256;
    this.#code = this.#code * 256 + byte;
  }
}
