/** A file that appears under its name only when it is whole; or stdout. Packed if wanted. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { PassThrough, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { AppError, messageOf } from '../../errors.ts';
import type { Packing } from './input-source.ts';

export interface OutputFile extends AsyncDisposable {
  /** Adds what comes in `chunks`. */
  write(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
  /** Nothing more comes: the file gets its name. Without this it is gone when disposed. */
  finish(): Promise<void>;
}

/** `.gz` and `.zst` say how a file is packed; flags go before names. */
export function packingOf(file: string | undefined, flags: { gzip: boolean; zstd: boolean }): Packing {
  if (flags.gzip && flags.zstd) throw new AppError('bad-target', 'either --gzip or --zstd, not both');
  if (flags.gzip || flags.zstd) return flags.gzip ? 'gzip' : 'zstd';
  if (file?.endsWith('.gz')) return 'gzip';
  return file?.endsWith('.zst') ? 'zstd' : undefined;
}

/** Throws `bad-target` if `file` cannot be written. */
export async function openOutput(file: string | undefined, packing: Packing): Promise<OutputFile> {
  const place = file === undefined ? undefined : await placeOf(file);
  // Made now: that it cannot be is told before hours of work.
  const handle =
    place && (await attempt(file, () => open(place.temporary ?? place.path, place.flags, 0o644)));
  const target = handle === undefined ? stdout() : handle.createWriteStream({ highWaterMark: 1024 * 1024 });
  const source = new PassThrough({ highWaterMark: 1024 * 1024 });
  const packer = packing === 'gzip' ? createGzip() : packing === 'zstd' ? createZstdCompress() : undefined;
  const done = packer === undefined ? pipeline(source, target) : pipeline(source, packer, target);
  done.catch(() => {}); // told by whoever waits for it
  let finished = false;
  return {
    async write(chunks) {
      for await (const chunk of chunks) {
        if (source.destroyed) await attempt(file, () => done);
        if (!source.write(chunk))
          await attempt(file, () => Promise.race([once(source, 'drain').catch(() => {}), done]));
      }
    },
    async finish() {
      source.end();
      await attempt(file, () => done);
      const { temporary, path = '' } = place ?? {};
      if (temporary !== undefined) await attempt(file, () => rename(temporary, path));
      finished = true;
    },
    async [Symbol.asyncDispose]() {
      if (finished) return;
      source.destroy();
      await done.catch(() => {});
      if (place?.temporary !== undefined) await rm(place.temporary, { force: true });
    },
  };
}

interface Place {
  readonly path: string;
  /** undefined: it is written as it is, because it is a pipe or a device. */
  readonly temporary?: string;
  readonly flags: string;
}

/** A link stays one: what it leads to is replaced. */
async function placeOf(file: string): Promise<Place> {
  const path = await realpath(file).catch(() => file);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new AppError('bad-target', `cannot write to ${file}: it is a directory`);
  if (found !== undefined && !found.isFile()) return { path, flags: 'w' };
  return { path, temporary: `${path}.${randomUUID()}.tmp`, flags: 'wx' };
}

/** Never closed: others may want to say something as well. */
function stdout(): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      process.stdout.write(chunk, done);
    },
  });
}

async function attempt<T>(file: string | undefined, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (cause) {
    throw new AppError('bad-target', `cannot write to ${file ?? 'stdout'}: ${messageOf(cause)}`, { cause });
  }
}
