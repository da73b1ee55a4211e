/** Takes so and so many bytes at a time of a source that comes in chunks of any size. */

export class PiecewiseReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #what: string;
  #rest: Buffer = Buffer.alloc(0);
  #position = 0;

  /** `what` is named in errors. */
  constructor(source: AsyncIterable<Uint8Array>, what: string) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#what = what;
  }

  /** Bytes that were taken. */
  get position(): number {
    return this.#position;
  }

  /** The next `length` bytes, which stay; fewer at the end of the source. */
  async peek(length: number): Promise<Buffer> {
    if (this.#rest.length < length) {
      const parts: Uint8Array[] = [this.#rest];
      let got = this.#rest.length;
      while (got < length) {
        const next = await this.#chunks.next();
        if (next.done) break;
        parts.push(next.value);
        got += next.value.length;
      }
      this.#rest = Buffer.concat(parts);
    }
    return this.#rest.subarray(0, length);
  }

  /** The next `length` bytes. Throws if there are fewer. */
  async take(length: number): Promise<Buffer> {
    const taken = await this.peek(length);
    if (taken.length < length) throw new Error(`${this.#what}: the data is truncated`);
    this.#rest = this.#rest.subarray(length);
    this.#position += length;
    return taken;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
