/** The content of files that detectors read after the pass: small ones in memory, the others in one spill file. */

import { SpillFile } from '../../lib/spill-file.ts';
import type { LayerLimits } from './layer-limits.ts';

/** Content that can be read until the layer is done. */
export interface KeptFile {
  readonly size: number;
  readonly mode: number;
  /** Up to `length` bytes from `offset`. */
  read(offset: number, length: number): Buffer;
}

/** Takes the content of one file in pieces. */
export interface KeptWriter {
  data(piece: Buffer): void;
  done(mode: number): KeptFile;
}

export class KeptFiles implements Disposable {
  readonly #limits: LayerLimits;
  readonly #directory: string | undefined;
  #inMemory = 0;
  #spill: SpillFile | undefined;

  constructor(limits: LayerLimits, directory?: string) {
    this.#limits = limits;
    this.#directory = directory;
  }

  /** A place for a file of `size` bytes; or why there is none. */
  begin(size: number): KeptWriter | string {
    const { fileBytes, memoryFileBytes, memoryBytes, spillBytes } = this.#limits;
    if (size > fileBytes) return `file of ${size} bytes exceeds the limit of ${fileBytes}`;
    if (size <= memoryFileBytes && this.#inMemory + size <= memoryBytes) {
      this.#inMemory += size;
      return inMemory(size);
    }
    this.#spill ??= new SpillFile(this.#directory);
    if (this.#spill.size + size > spillBytes) {
      return `files wanted of this layer are over the limit of ${spillBytes} bytes`;
    }
    return onDisk(this.#spill, size);
  }

  [Symbol.dispose](): void {
    this.#spill?.[Symbol.dispose]();
  }
}

function inMemory(size: number): KeptWriter {
  const content = Buffer.allocUnsafe(size);
  let filled = 0;
  return {
    data(piece) {
      filled += piece.copy(content, filled);
    },
    done: (mode) => new MemoryFile(content.subarray(0, filled), mode),
  };
}

function onDisk(spill: SpillFile, size: number): KeptWriter {
  const offset = spill.size;
  return {
    data(piece) {
      spill.append(piece);
    },
    done: (mode) => new SpilledFile(spill, offset, size, mode),
  };
}

// Classes: there may be a hundred thousand of each.
class MemoryFile implements KeptFile {
  readonly #content: Buffer;
  readonly mode: number;

  constructor(content: Buffer, mode: number) {
    this.#content = content;
    this.mode = mode;
  }

  get size(): number {
    return this.#content.length;
  }

  read(offset: number, length: number): Buffer {
    return this.#content.subarray(offset, offset + length);
  }
}

class SpilledFile implements KeptFile {
  readonly #spill: SpillFile;
  readonly #offset: number;
  readonly size: number;
  readonly mode: number;

  constructor(spill: SpillFile, offset: number, size: number, mode: number) {
    this.#spill = spill;
    this.#offset = offset;
    this.size = size;
    this.mode = mode;
  }

  read(offset: number, length: number): Buffer {
    const content = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, this.size - offset)));
    return content.subarray(0, this.#spill.read(content, this.#offset + offset));
  }
}
