/** Bits of a stream of bytes, most significant first, as bzip2 has them. */

/** Bits of a window of the compressed bytes, first bit highest. Throws at its end. */
export class BitReader {
  #bytes: Buffer;
  /** Of the next bit. */
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get bytesLeft(): number {
    return this.#bytes.length - (this.#at >>> 3);
  }

  /** Up to 48 bits. */
  bits(count: number): number {
    if (count > 24) return this.bits(count - 24) * 0x1000000 + this.bits(24);
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  skip(count: number): void {
    this.#at += count;
    if (this.#at > this.#bytes.length * 8) throw new Error('bzip2: the data is truncated');
  }

  /** The next bits without taking them; zeros past the end. At most 24. */
  peek(count: number): number {
    const byte = this.#at >>> 3;
    const bytes = this.#bytes;
    const word = (bytes[byte]! << 24) | (bytes[byte + 1]! << 16) | (bytes[byte + 2]! << 8) | bytes[byte + 3]!;
    return (word << (this.#at & 7)) >>> (32 - count);
  }

  /** Drops what was read and puts more behind it. */
  refill(chunks: readonly Uint8Array[]): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at >>> 3), ...chunks]);
    this.#at &= 7;
  }

  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }
}
