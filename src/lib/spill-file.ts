/** A file for what is too big for memory. It has no name from the start on, so nothing is left behind whatever happens. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class SpillFile implements Disposable {
  readonly #fd: number;
  #size = 0;

  constructor(directory: string = spillDirectory()) {
    const path = join(directory, `clair-${randomBytes(12).toString('hex')}`);
    this.#fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  append(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      at += writeSync(this.#fd, piece, at, piece.length - at, this.#size + at);
    }
    this.#size += piece.length;
  }

  /** Writes over from the start again. */
  rewind(): void {
    this.#size = 0;
  }

  /** Fills `into` from `offset`; gives how many bytes there were. */
  read(into: Buffer, offset: number): number {
    return readFully(this.#fd, into, offset);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** Fills `into` from `offset` of the file; gives how many bytes there were. */
export function readFully(fd: number, into: Buffer, offset: number): number {
  let filled = 0;
  while (filled < into.length) {
    const count = readSync(fd, into, filled, into.length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** `TMPDIR`, else /var/tmp: /tmp is often memory. */
function spillDirectory(): string {
  if (process.env.TMPDIR) return process.env.TMPDIR;
  return existsSync('/var/tmp') ? '/var/tmp' : tmpdir();
}
