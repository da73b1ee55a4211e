/**
 * Decompresses by the synchronous calls of a zlib stream's handle (`writeSync`), with one output buffer that is used
 * again and again. The handle is not part of Node's documented API: `check-handle.ts` tells whether it is as needed.
 */
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import {
  broken,
  type Decompressor,
  NO_BEGINNING,
  OUTPUT,
  type Packed,
  type PieceSink,
} from './decompressor.ts';

/** What is used of a zlib stream's inside. */
export interface Inside {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Buffer,
      at: number,
      length: number,
      output: Buffer,
      outAt: number,
      outLength: number,
    ): void;
    onerror: (message: string, errno: number, code: string) => void;
  };
  /** After a call: bytes left of the output, and of the input. */
  readonly _writeState: Uint32Array;
  close(): void;
}

const NOTHING = Buffer.alloc(0);

/** The inside of Node's own stream for `kind`. */
export function openInside(kind: Packed): Inside {
  return (kind === 'gzip' ? createGunzip() : createZstdDecompress()) as unknown as Inside;
}

export class HandleDecompressor implements Decompressor {
  readonly #kind: Packed;
  readonly #output: PieceSink;
  readonly #inside: Inside;
  readonly #handle: Inside['_handle'];
  readonly #left: Uint32Array;
  readonly #buffer = Buffer.allocUnsafeSlow(OUTPUT);
  #filled = 0;
  #failure: string | undefined;

  /** Throws a `TypeError` if `inside` lacks what is used of it. */
  constructor(kind: Packed, output: PieceSink, inside = openInside(kind)) {
    this.#kind = kind;
    this.#output = output;
    this.#inside = inside;
    this.#handle = inside._handle;
    this.#left = inside._writeState;
    this.#handle.onerror = (message) => {
      this.#failure = message;
    };
  }

  write(piece: Buffer): undefined {
    let at = 0;
    for (;;) {
      const room = OUTPUT - this.#filled;
      const input = piece.length - at;
      this.#call(this.#kind === 'gzip' ? constants.Z_NO_FLUSH : constants.ZSTD_e_continue, piece, at, input);
      const outLeft = this.#left[0]!;
      const inLeft = this.#left[1]!;
      at += input - inLeft;
      this.#filled += room - outLeft;
      if (outLeft === 0) this.#flush();
      else if (inLeft === 0) return;
      // Room in the output, and still nothing taken.
      else if (inLeft === input && room === outLeft) throw broken(this.#kind, NO_BEGINNING[this.#kind]);
    }
  }

  end(): undefined {
    const finish = this.#kind === 'gzip' ? constants.Z_FINISH : constants.ZSTD_e_end;
    for (;;) {
      const room = OUTPUT - this.#filled;
      this.#call(finish, NOTHING, 0, 0);
      const outLeft = this.#left[0]!;
      this.#filled += room - outLeft;
      this.#flush();
      if (outLeft > 0) return;
    }
  }

  [Symbol.dispose](): void {
    this.#inside.close();
  }

  #call(flush: number, piece: Buffer, at: number, length: number): void {
    const room = OUTPUT - this.#filled;
    this.#handle.writeSync(flush, piece, at, length, this.#buffer, this.#filled, room);
    if (this.#failure !== undefined) throw broken(this.#kind, this.#failure);
  }

  // The output is handed on when it is full: pieces stay a multiple of a tar block.
  #flush(): void {
    const length = this.#filled;
    this.#filled = 0;
    if (length > 0) this.#output(this.#buffer.subarray(0, length));
  }
}
