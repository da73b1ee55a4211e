/** Opens an archive of an image: in place if it is uncompressed, by an uncompressed copy otherwise. */
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { createGunzip } from 'node:zlib';
import { AppError, messageOf } from '../../errors.ts';
import { unzstd } from '../../lib/unzstd.ts';
import { type Files, readAt } from './files.ts';
import { indexTar, type Member, type TarIndex } from './tar-index.ts';

export interface ArchiveOptions {
  readonly spoolDir: string;
  readonly signal: AbortSignal;
  /** Most bytes of an uncompressed copy. */
  readonly spoolLimit?: number;
}

/** The members of an archive; disposing removes its uncompressed copy. */
export interface ImageArchive extends Files, AsyncDisposable {}

const GiB = 1024 ** 3;
const SPOOL_LIMIT = 64 * GiB;
const LINKS_LIMIT = 16;

/** Opens the tar archive at `path`, plain, gzip or zstd. Throws `bad-target`. */
export async function openArchive(path: string, options: ArchiveOptions): Promise<ImageArchive> {
  const plain = await uncompressed(path, options);
  try {
    await using handle = await open(plain.path);
    const index = await indexTar(handle, (await stat(plain.path)).size, path, options.signal);
    return archiveOf(path, plain.path, index, plain.remove);
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

async function uncompressed(path: string, options: ArchiveOptions) {
  const head = await readAt(path, 0, 4);
  const decompress = head.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))
    ? createGunzip({ chunkSize: 1024 * 1024 })
    : head.equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))
      ? unzstd
      : undefined;
  if (decompress === undefined) return { path, remove: async () => {} };

  await mkdir(options.spoolDir, { recursive: true });
  const copy = join(options.spoolDir, `archive-${randomUUID()}.tar`);
  const remove = () => rm(copy, { force: true });
  const limit = options.spoolLimit ?? SPOOL_LIMIT;
  try {
    const to = createWriteStream(copy, { flags: 'wx', mode: 0o600 });
    await pipeline(createReadStream(path), decompress, atMost(limit), to, { signal: options.signal });
  } catch (error) {
    await remove();
    options.signal.throwIfAborted();
    throw new AppError(
      'bad-target',
      `${path} could not be decompressed to ${options.spoolDir}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
  return { path: copy, remove };
}

function atMost(limit: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limit) done(new Error(`it is over the limit of ${limit} bytes`));
      else done(null, chunk);
    },
  });
}
