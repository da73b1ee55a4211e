/** A list of hashes that grows, in 8 bytes each. */
export class HashList {
  #hashes = new Float64Array(1024);
  #count = 0;

  get length(): number {
    return this.#count;
  }

  /** Adds `hash`, unless it is the one that was added last: closures stand behind the function that they are in. */
  add(hash: number): void {
    if (this.#count > 0 && this.#hashes[this.#count - 1] === hash) return;
    if (this.#count === this.#hashes.length) {
      const grown = new Float64Array(2 * this.#count);
      grown.set(this.#hashes);
      this.#hashes = grown;
    }
    this.#hashes[this.#count++] = hash;
  }

  /** All of them; one may be there twice. */
  all(): Float64Array {
    return this.#hashes.subarray(0, this.#count);
  }
}
