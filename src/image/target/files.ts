/** The files of an image on disk, whether they lie in a directory or in an archive. */
import { open, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../../errors.ts';

/** Paths are relative, with `/`. */
export interface Files {
  /** Path of the directory or archive, for messages. */
  readonly name: string;
  /** Bytes of the regular file at `path`, through links; undefined if there is none. */
  size(path: string): Promise<number | undefined>;
  /** Up to `length` bytes from the beginning of a file that is there. */
  read(path: string, length: number): Promise<Buffer>;
  /** Where a layer's bytes are read from: `file:` URL, for a member of an archive with `offset` and `length`. */
  uri(path: string): Promise<string>;
}

/** The whole file at `path`; throws `bad-target` if it is not there or over `limit`. */
export async function readWhole(files: Files, path: string, limit: number): Promise<Buffer> {
  const size = await files.size(path);
  if (size === undefined) throw new AppError('bad-target', `${files.name}: ${path} is missing`);
  if (size > limit) {
    throw new AppError('bad-target', `${files.name}: ${path} has ${size} bytes, the limit is ${limit}`);
  }
  return files.read(path, size);
}

/** The files below `root`; nothing outside of it is reached, also not by links. */
export function directoryFiles(root: string): Files {
  const inside = async (path: string): Promise<string | undefined> => {
    try {
      const [base, real] = await Promise.all([realpath(root), realpath(join(root, path))]);
      return real.startsWith(base.endsWith(sep) ? base : base + sep) ? real : undefined;
    } catch {
      return undefined;
    }
  };
  const must = async (path: string): Promise<string> => {
    const real = await inside(path);
    if (real === undefined) throw new AppError('bad-target', `${root}: ${path} is missing`);
    return real;
  };
  return {
    name: root,
    async size(path) {
      const real = await inside(path);
      const stats = real === undefined ? undefined : await stat(real);
      return stats?.isFile() ? stats.size : undefined;
    },
    read: async (path, length) => readAt(await must(path), 0, length),
    uri: async (path) => pathToFileURL(await must(path)).href,
  };
}

/** Up to `length` bytes of the file at `path`, from `offset`. */
export async function readAt(path: string, offset: number, length: number): Promise<Buffer> {
  await using handle = await open(path);
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
