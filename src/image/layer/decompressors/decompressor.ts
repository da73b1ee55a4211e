/** What undoes the compression of a layer piece by piece, and the words for what is wrong with it. */
import { AppError } from '../../../errors.ts';

/** A compression that can be undone. */
export type Packed = 'gzip' | 'zstd';

export interface Decompressor extends Disposable {
  /** Takes the next compressed bytes, which need only be good until it is done. */
  write(piece: Buffer): Promise<void> | undefined;
  /** Throws if the compressed data is not complete. */
  end(): Promise<void> | undefined;
}

/** Takes decompressed bytes, which are only good during the call. What it throws ends the decompression. */
export type PieceSink = (piece: Buffer) => void;

/** Bytes of output that are handed on together: a multiple of a tar block. */
export const OUTPUT = 256 * 1024;

/**
 * What a decoder says of bytes that begin no member and no frame. They stand behind the compressed data: GNU gzip
 * overlooks zeros there; Go, and with it Clair and the container runtimes, does not.
 */
export const NO_BEGINNING: Readonly<Record<Packed, string>> = {
  gzip: 'incorrect header check',
  zstd: 'Unknown frame descriptor',
};

/** The error for `message` of zlib or libzstd, in Clair's words. */
export function broken(kind: Packed, message: string): AppError {
  return new AppError('layer-unavailable', TEXTS[message] ?? `${kind}: ${message}`);
}

const TEXTS: Readonly<Record<string, string>> = {
  'unexpected end of file': 'unexpected EOF',
  'incorrect header check': 'gzip: invalid header',
  'incorrect data check': 'gzip: invalid checksum',
};
