/** What is fuzzed: a reader, and where it finds its file. */
import type { Detector } from '../../src/contract/detector.ts';

/** One reader with what it is given. */
export interface FuzzedReader {
  readonly detector: Detector;
  /** Where the damaged file lies in the layer. */
  readonly path: string;
  /** Undamaged files: made by the real tools where this machine has them, else by our own. */
  readonly seeds: () => Buffer[];
  /** What becomes of a damaged file before it is read: wraps it where a checksum would keep everything from the reader. */
  readonly wrap?: (bytes: Buffer) => Buffer;
}
