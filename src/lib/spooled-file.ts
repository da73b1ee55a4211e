/** Files that are read later than they are opened. */
import { createReadStream, type ReadStream } from 'node:fs';

/**
 * A file on disk, in pieces of `highWaterMark` bytes. It is opened at once and read when somebody asks: that it cannot be
 * opened, as after a cleaner of temporary files, is told to who reads, and does not end the process meanwhile.
 */
export function openSpooled(path: string, highWaterMark = 64 * 1024): ReadStream {
  return createReadStream(path, { highWaterMark }).on('error', () => {});
}
