/** Fetches chunks of a layer to disk, and reads them from there: no transaction waits for the network. */
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchParts } from '../../artifact/fetch-parts.ts';
import type { ArtifactPlace } from '../../artifact/place.ts';
import { AppError, messageOf } from '../../errors.ts';
import { unzstdSync } from '../../lib/unzstd.ts';
import { makeSpool, removeSpool } from '../updating/feed-context.ts';
import { sha256 } from './encode-chunks.ts';
import { type Chunk, damaged } from './format.ts';

/** A chunk of a layer, and where its frame begins. */
export interface PlacedChunk extends Chunk {
  readonly at: number;
}

export interface LayerSource {
  readonly place: Pick<ArtifactPlace, 'read' | 'name'>;
  readonly digest: string;
  readonly signal: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
}

export interface SpooledChunks extends AsyncDisposable {
  /** The content of each, in their order. */
  read(): AsyncGenerator<{ readonly chunk: PlacedChunk; readonly content: Buffer }>;
}

/** Throws `feed` for what is not what was published, `bad-target` if it cannot be had. */
export async function spoolChunks(
  { place, digest, signal, onBytes }: LayerSource,
  chunks: readonly PlacedChunk[],
): Promise<SpooledChunks> {
  await using made = new AsyncDisposableStack();
  let path: string;
  try {
    const spool = await makeSpool();
    made.defer(() => removeSpool(spool));
    path = join(spool, 'chunks');
    await using file = await open(path, 'wx', 0o600);
    const parts = chunks.map(({ at, size }) => ({ from: at, to: at + size }));
    const options = { signal, ...(onBytes && { onBytes }) };
    let next = 0;
    for await (const bytes of fetchParts(place, digest, parts, options)) {
      // Before anything is kept: what came half or wrong is told while it can still be asked for elsewhere.
      unpack(bytes, chunks[next++]!, `${place.name}: layer ${digest}`);
      await file.writeFile(bytes);
    }
  } catch (cause) {
    if (!isDisk(cause)) throw cause;
    throw new AppError(
      'feed',
      `cannot keep the database in ${tmpdir()}: ${messageOf(cause)}. What was loaded before stays; make room, or set TMPDIR`,
      { cause },
    );
  }
  const owned = made.move();
  return {
    async *read() {
      await using file = await open(path, 'r');
      let at = 0;
      for (const chunk of chunks) {
        const { buffer } = await file.read(Buffer.alloc(chunk.size), 0, chunk.size, at);
        at += chunk.size;
        yield { chunk, content: unpack(buffer, chunk, path) };
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What is in a frame. Throws `feed` if it is not what the index says. */
export function unpack(
  bytes: Buffer,
  { length, digest }: Pick<Chunk, 'length' | 'digest'>,
  where: string,
): Buffer {
  let content: Buffer;
  try {
    content = unzstdSync(bytes, length);
  } catch (error) {
    throw damaged(where, messageOf(error));
  }
  if (sha256(content) !== digest) throw damaged(where, `a part has another digest than ${digest}`);
  return content;
}

function isDisk(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    /^(ENOSPC|EDQUOT|EROFS|EACCES|ENOENT|EIO)$/.test(String(error.code))
  );
}
