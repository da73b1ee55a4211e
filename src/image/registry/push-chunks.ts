/** Sends a blob in chunks that follow one another; after one that failed, the registry says how much it has. */
import { AppError } from '../../errors.ts';
import { failure } from './fetch-document.ts';
import { isBusy, isTransient } from './http-retry.ts';
import type { RegistrySession } from './session.ts';
import type { RegistryResponse } from './transport.ts';
import { type Blob, finished, locationOf, UPLOAD_REASONS, type Upload } from './upload.ts';

const MiB = 1024 ** 2;
const CHUNK = 16 * MiB;
/** A registry that wants bigger chunks gets none. */
const CHUNK_LIMIT = 512 * MiB;

export interface ChunkOptions {
  /** For messages. */
  readonly subject: string;
  /** Bytes; more if the registry wants more. */
  readonly chunk?: number | undefined;
}

/** Throws `bad-target`. */
export async function pushChunks(
  session: RegistrySession,
  { location: start, chunkAtLeast }: Upload,
  blob: Blob,
  { subject, chunk = CHUNK }: ChunkOptions,
): Promise<void> {
  const length = Math.max(chunk, chunkAtLeast);
  if (length > CHUNK_LIMIT)
    throw new AppError('bad-target', `${subject}: the registry requires chunks of ${length} bytes`);
  let location = start;
  let at = 0;
  for (let failures = 0; at < blob.size; ) {
    const to = Math.min(at + length, blob.size);
    const answer = await putChunk(session, location, blob, [at, to]);
    if (!(answer instanceof Error) && answer.status === 202) {
      await answer.discard();
      [location, at, failures] = [locationOf(answer), to, 0];
      continue;
    }
    failures++;
    if (answer instanceof Error) {
      if (!(await session.wait(failures))) throw answer;
    } else if (!mayPass(answer) || !(await session.wait(failures, answer))) {
      throw await failure(answer, subject, UPLOAD_REASONS);
    } else {
      await answer.discard();
    }
    [location, at] = await progress(session, location, subject);
    if (at > blob.size)
      throw new AppError('bad-target', `${subject}: the registry reports more bytes than were sent`);
  }
  const last = await session.send(finished(location, blob.digest), {
    method: 'PUT',
    headers: { 'content-length': '0' },
  });
  if (last.status !== 201) throw await failure(last, subject, UPLOAD_REASONS);
  await last.discard();
}

/** 416: the registry has another length than this chunk begins at. */
function mayPass({ status }: RegistryResponse): boolean {
  return isBusy(status) || status === 416;
}

/** Returns a connection that broke as an error. */
async function putChunk(
  session: RegistrySession,
  location: URL,
  { open }: Blob,
  [from, to]: readonly [number, number],
): Promise<RegistryResponse | Error> {
  const ask = {
    method: 'PATCH',
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(to - from),
      'content-range': `${from}-${to - 1}`,
    },
    body: () => open(from, to),
    once: true,
  } as const;
  try {
    return await session.send(location, ask);
  } catch (error) {
    if (error instanceof Error && isTransient(error)) return error;
    throw error;
  }
}

/** Where an upload goes on, and how many bytes of it the registry has. */
async function progress(session: RegistrySession, location: URL, subject: string): Promise<[URL, number]> {
  const answer = await session.send(location, {});
  if (answer.status !== 204) throw await failure(answer, subject, UPLOAD_REASONS);
  await answer.discard();
  const [, last = '0'] = /^(?:bytes=)?0-(\d+)$/.exec(answer.header('range')) ?? [];
  // `0-0` is how registries say that they have nothing: a first byte that is there alone is sent again.
  return [locationOf(answer), last === '0' ? 0 : Number(last) + 1];
}
