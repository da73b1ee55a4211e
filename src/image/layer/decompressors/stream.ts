/** Decompresses by Node's documented streams (`createGunzip`, `createZstdDecompress`), one piece after the other. */
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import {
  broken,
  type Decompressor,
  NO_BEGINNING,
  OUTPUT,
  type Packed,
  type PieceSink,
} from './decompressor.ts';

export class StreamDecompressor implements Decompressor {
  readonly #kind: Packed;
  readonly #output: PieceSink;
  readonly #buffer = Buffer.allocUnsafeSlow(OUTPUT);
  #filled = 0;
  #stream: Gunzip | ZstdDecompress;
  #failure: { readonly error: unknown } | undefined;
  /** Ends the step that is waited for. */
  #done: () => void = () => {};

  constructor(kind: Packed, output: PieceSink) {
    this.#kind = kind;
    this.#output = output;
    this.#stream = this.#open();
  }

  async write(piece: Buffer): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      const stream = this.#stream;
      const before = stream.bytesWritten;
      await this.#step(() => stream.write(piece.subarray(at), (error) => this.#settle(error)));
      at += stream.bytesWritten - before;
      if (at === piece.length) return;
      // The stream ended before the piece. Node's reads all members of gzip, but only the first frame of zstd.
      if (this.#kind === 'gzip' || stream.bytesWritten === 0)
        throw broken(this.#kind, NO_BEGINNING[this.#kind]);
      if (!stream.readableEnded) await this.#step(() => stream.once('end', this.#done));
      stream.destroy();
      this.#stream = this.#open();
    }
  }

  async end(): Promise<void> {
    await this.#step(() => this.#stream.once('end', this.#done).end());
    this.#flush();
  }

  [Symbol.dispose](): void {
    this.#stream.destroy();
  }

  #open(): Gunzip | ZstdDecompress {
    const stream =
      this.#kind === 'gzip'
        ? createGunzip({ chunkSize: OUTPUT })
        : createZstdDecompress({ chunkSize: OUTPUT });
    stream.on('error', (error) => this.#settle(error));
    stream.on('data', (chunk: Buffer) => {
      try {
        if (this.#failure === undefined) this.#take(chunk);
      } catch (error) {
        this.#fail(error);
      }
    });
    return stream;
  }

  /** Waits until `#done` is called, or the stream fails. Throws what failed. */
  async #step(start: () => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#done = () => resolve();
      start();
    });
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #settle(error: Error | null | undefined): void {
    if (error) this.#fail(broken(this.#kind, error.message));
    else this.#done();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#stream.destroy();
    this.#done();
  }

  #take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const count = chunk.copy(this.#buffer, this.#filled, at);
      at += count;
      this.#filled += count;
      if (this.#filled === OUTPUT) this.#flush();
    }
  }

  #flush(): void {
    const length = this.#filled;
    this.#filled = 0;
    if (length > 0) this.#output(this.#buffer.subarray(0, length));
  }
}
