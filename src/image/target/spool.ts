/** Keeps what comes as a stream in a private file, where its members can be read in any order. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Duplex, type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, messageOf } from '../../errors.ts';

export interface SpoolOptions {
  readonly spoolDir: string;
  readonly signal: AbortSignal;
  /** Most bytes of the file. */
  readonly spoolLimit?: number;
}

export interface Spooled {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

const GiB = 1024 ** 3;
const SPOOL_LIMIT = 64 * GiB;

/** Writes what comes out of `streams`. Throws `bad-target`, which begins with `failed`; nothing is left then. */
export async function spool(
  streams: readonly (Readable | Duplex)[],
  failed: string,
  { spoolDir, signal, spoolLimit = SPOOL_LIMIT }: SpoolOptions,
): Promise<Spooled> {
  await mkdir(spoolDir, { recursive: true });
  const path = join(spoolDir, `archive-${randomUUID()}.tar`);
  const remove = () => rm(path, { force: true });
  try {
    const to = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    await pipeline([...streams, atMost(spoolLimit), to], { signal });
  } catch (error) {
    await remove();
    signal.throwIfAborted();
    throw new AppError('bad-target', `${failed} to ${spoolDir}: ${messageOf(error)}`, { cause: error });
  }
  return { path, remove };
}

function atMost(limit: number): Transform {
  let seen = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > limit) done(new Error(`it exceeds the limit of ${limit} bytes`));
      else done(null, chunk);
    },
  });
}
