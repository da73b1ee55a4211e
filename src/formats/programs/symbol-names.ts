/** Reads names that lie one after the other, each with a zero after it: as linkers write those of functions. */
import type { RandomAccessFile } from '../../contract/detector.ts';

const CHUNK = 1024 * 1024;

/** What takes names. */
export interface NameReader {
  /** Reads names, each with a zero after it; returns the offset of a last one that has none. */
  read(bytes: Buffer): number;
}

/** Gives `names` all that lie from `start` to `end` of the file; false if the last of them has no end. */
export function readNames(file: RandomAccessFile, start: number, end: number, names: NameReader): boolean {
  for (let at = start; at < end; ) {
    const bytes = file.read(at, Math.min(CHUNK, end - at));
    const used = names.read(bytes);
    if (at + bytes.length >= end) return bytes.subarray(used).every((byte) => byte === 0);
    // No name is that long.
    if (used === 0) return false;
    at += used;
  }
  return true;
}
