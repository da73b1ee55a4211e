/** For tests: the files of a layer. */
import type { LayerFile } from './detector.ts';

/** A file with this content. */
export function layerFile(path: string, content: string | Buffer, mode = 0o644): LayerFile {
  const bytes = Buffer.from(content);
  const part = (offset: number, length: number): Buffer => bytes.subarray(offset, offset + length);
  return { path, size: bytes.length, mode, read: () => bytes, start: (length) => part(0, length), part };
}

/** A file of that size that must not be read, for readers that have a limit of their own. */
export function unreadableFile(path: string, size: number, fail: () => never): LayerFile {
  return { path, size, mode: 0o644, read: fail, start: fail, part: fail };
}
