/** A file that is read piece by piece: databases of rpm may be bigger than what is held in memory. */
import type { LayerFile } from '../contract/detector.ts';

export type FileBytes = Pick<LayerFile, 'size' | 'part'>;

/** Bytes that are in memory as a file. */
export function fileBytes(bytes: Buffer): FileBytes {
  return { size: bytes.length, part: (offset, length) => bytes.subarray(offset, offset + length) };
}
