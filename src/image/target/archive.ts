/** Opens an archive of an image: in place if it is uncompressed, by an uncompressed copy otherwise. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../errors.ts';
import { unzstd } from '../../lib/unzstd.ts';
import { type Files, readAt } from './files.ts';
import { type Spooled, type SpoolOptions, spool } from './spool.ts';
import { indexTar, type Member, type TarIndex } from './tar-index.ts';

export interface ArchiveOptions extends SpoolOptions {
  /** What messages call it; default: its path. */
  readonly name?: string;
}

/** The members of an archive; disposing removes its uncompressed copy. */
export interface ImageArchive extends Files, AsyncDisposable {}

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const LINKS_LIMIT = 16;

/** Opens the tar archive at `path`, plain, gzip or zstd. Throws `bad-target`. */
export async function openArchive(path: string, options: ArchiveOptions): Promise<ImageArchive> {
  const { name = path } = options;
  const plain = await uncompressed(path, options);
  try {
    await using handle = await open(plain.path);
    const index = await indexTar(handle, (await stat(plain.path)).size, name, options.signal);
    return archiveOf(name, plain.path, index, plain.remove);
  } catch (error) {
    await plain.remove();
    throw error;
  }
}

function archiveOf(name: string, path: string, index: TarIndex, remove: () => Promise<void>): ImageArchive {
  const must = (member: string): Member => {
    const found = lookup(index, member);
    if (found === undefined) throw new AppError('bad-target', `${name}: ${member} is missing`);
    return found;
  };
  return {
    name,
    size: async (member) => lookup(index, member)?.size,
    async read(member, length) {
      const { offset, size } = must(member);
      return readAt(path, offset, Math.min(length, size));
    },
    async uri(member) {
      const { offset, size } = must(member);
      return `${pathToFileURL(resolve(path)).href}?offset=${offset}&length=${size}`;
    },
    [Symbol.asyncDispose]: remove,
  };
}

/** Old `docker save` writes a layer that several images share once, and links to it. */
function lookup({ files, links }: TarIndex, path: string): Member | undefined {
  let at = path;
  for (let hops = 0; hops < LINKS_LIMIT; hops++) {
    const file = files.get(at);
    if (file) return file;
    const target = links.get(at);
    if (target === undefined) return undefined;
    at = target;
  }
  return undefined;
}

async function uncompressed(path: string, options: SpoolOptions): Promise<Spooled> {
  const head = await readAt(path, 0, 4);
  const failed = `${path} could not be decompressed`;
  if (head.subarray(0, 2).equals(GZIP)) {
    const gunzip = createGunzip({ chunkSize: 1024 * 1024 });
    return await spool([createReadStream(path), gunzip], failed, options);
  }
  if (head.equals(ZSTD)) return await spool([Readable.from(unzstd(createReadStream(path)))], failed, options);
  return { path, remove: async () => {} };
}
