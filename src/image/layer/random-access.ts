/** Random access to a file's content that is in memory or behind a function that reads pieces of it. */
import type { Entry, RandomAccessFile } from '../../contract/detector.ts';

const WINDOW = 256 * 1024;

/** The content is all of `content`. */
export function memoryFile({ path, mode }: Entry, content: Buffer): RandomAccessFile {
  return {
    path,
    mode,
    size: content.length,
    read(offset, length) {
      const from = placeIn(content.length, offset);
      return content.subarray(from, from + lengthOf(length));
    },
    indexOf: (needle, from = 0) =>
      from >= content.length ? -1 : content.indexOf(needle, placeIn(content.length, Math.max(from, 0))),
  };
}

/** `fill` reads from an offset into a buffer and gives how many bytes there were. */
export function readerFile(
  { path, mode }: Entry,
  size: number,
  fill: (into: Buffer, offset: number) => number,
): RandomAccessFile {
  let window: Buffer | undefined;
  function read(offset: number, length: number): Buffer {
    const from = placeIn(size, offset);
    const wanted = Math.min(lengthOf(length), size - from);
    const into = Buffer.allocUnsafe(wanted);
    return into.subarray(0, fill(into, from));
  }
  function indexOf(needle: Buffer, from = 0): number {
    // Windows overlap, so that a needle on their edge is found.
    const step = Math.max(WINDOW, needle.length);
    window ??= Buffer.allocUnsafeSlow(WINDOW + WINDOW);
    const buffer = needle.length <= WINDOW ? window : Buffer.allocUnsafeSlow(step + needle.length);
    for (let at = placeIn(size, Math.max(from, 0)); at + needle.length <= size; at += step) {
      const count = fill(buffer.subarray(0, Math.min(step + needle.length, size - at)), at);
      const found = buffer.subarray(0, count).indexOf(needle);
      if (found !== -1) return at + found;
    }
    return -1;
  }
  return { path, mode, size, read, indexOf };
}

// Offsets and lengths come out of files: what is no place in a file reads as nothing.
function placeIn(size: number, offset: number): number {
  return offset >= 0 ? Math.min(Math.floor(offset), size) : size;
}

function lengthOf(length: number): number {
  return length > 0 ? Math.floor(length) : 0;
}
