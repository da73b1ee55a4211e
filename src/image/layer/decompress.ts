/**
 * Undoes the compression of a layer, which is told by its first bytes.
 *
 * There are two ways: by the handle of Node's zlib streams, which takes less CPU and memory but is not part of Node's
 * documented API, and by the streams themselves. The handle is used where it proves itself on a known stream.
 */
import { createZstdDecompress } from 'node:zlib';
import { AppError } from '../../errors.ts';
import { handleWorks } from './decompressors/check-handle.ts';
import type { Decompressor, Packed, PieceSink } from './decompressors/decompressor.ts';
import { HandleDecompressor } from './decompressors/handle.ts';
import { StreamDecompressor } from './decompressors/stream.ts';

export type Compression = Packed | 'none';

/** Makes a decompressor of one way. */
export type Way = (kind: Packed, output: PieceSink) => Decompressor;

/** The ways by name. Both give the same bytes and refuse the same, in the same words. */
export const WAYS = {
  handle: (kind, output) => new HandleDecompressor(kind, output),
  stream: (kind, output) => new StreamDecompressor(kind, output),
} as const satisfies Readonly<Record<string, Way>>;

/** Bytes of the head that `detectCompression` looks at. */
export const MAGIC_BYTES = 6;

/** By magic; `bzip2` and `xz` are known only to be refused by name. */
export function detectCompression(head: Buffer): Compression | 'bzip2' | 'xz' {
  const hex = head.toString('hex', 0, MAGIC_BYTES);
  if (hex.startsWith('1f8b08')) return 'gzip';
  if (hex.startsWith('28b52ffd')) return 'zstd';
  if (/^425a683[1-9]/.test(hex)) return 'bzip2';
  if (hex === 'fd377a585a00') return 'xz';
  return 'none';
}

/** `output` gets pieces that are only good during the call. Broken data throws `layer-unavailable`. */
export function createDecompressor(kind: Compression, output: PieceSink, way: Way = bestWay): Decompressor {
  if (kind === 'none') return new Passing(output);
  if (kind === 'zstd' && typeof createZstdDecompress !== 'function') {
    throw new AppError('layer-unavailable', 'fetcher: zstd layers need Node 22.15 or newer');
  }
  return way(kind, output);
}

class Passing implements Decompressor {
  readonly #output: PieceSink;
  constructor(output: PieceSink) {
    this.#output = output;
  }
  write(piece: Buffer): undefined {
    this.#output(piece);
  }
  end(): undefined {}
  [Symbol.dispose](): void {}
}

const works: Partial<Record<Packed, boolean>> = {};

/** The handle if it is as needed on this Node, which is checked once; else the stream. */
function bestWay(kind: Packed, output: PieceSink): Decompressor {
  works[kind] ??= handleWorks(kind);
  return works[kind] ? WAYS.handle(kind, output) : WAYS.stream(kind, output);
}
