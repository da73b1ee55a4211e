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

/** Bytes that are written and read at once: a chunk is a few KB, and a call costs as much as it. */
const AT_ONCE = 512 * 1024;

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
  /** The content of each, in their order. Throws `feed` for what is not what was published. */
  read(): AsyncGenerator<{ readonly chunk: PlacedChunk; readonly content: Buffer }>;
}

/** Throws `bad-target` if it cannot be had, `feed` if it cannot be kept. */
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
    let waiting: Buffer[] = [];
    let length = 0;
    const write = async (): Promise<void> => {
      await file.writeFile(Buffer.concat(waiting));
      waiting = [];
      length = 0;
    };
    for await (const bytes of fetchParts(place, digest, parts, options)) {
      waiting.push(bytes);
      length += bytes.length;
      if (length >= AT_ONCE) await write();
    }
    await write();
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
      for (const together of inReads(chunks)) {
        const size = together.reduce((sum, chunk) => sum + chunk.size, 0);
        const { buffer } = await file.read(Buffer.alloc(size), 0, size, at);
        at += size;
        let from = 0;
        for (const chunk of together) {
          const bytes = buffer.subarray(from, (from += chunk.size));
          yield { chunk, content: unpack(bytes, chunk, `${place.name}: layer ${digest}`) };
        }
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Chunks that are read at once. */
function* inReads(chunks: readonly PlacedChunk[]): Generator<readonly PlacedChunk[]> {
  let together: PlacedChunk[] = [];
  let size = 0;
  for (const chunk of chunks) {
    together.push(chunk);
    size += chunk.size;
    if (size < AT_ONCE) continue;
    yield together;
    together = [];
    size = 0;
  }
  if (together.length > 0) yield together;
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
