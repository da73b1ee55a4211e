/**
 * Puts a blob into a repository (OCI distribution-spec 1.1, "Push"): what is there already is not sent, what another
 * repository of the registry has is mounted, the rest goes in one request, or in chunks where the registry takes no
 * request of that size.
 */
import type { Digest } from '../../model/digest.ts';
import { failure } from './fetch-document.ts';
import { isBusy, isTransient } from './http-retry.ts';
import { pushChunks } from './push-chunks.ts';
import type { RegistrySession } from './session.ts';
import type { RegistryResponse } from './transport.ts';
import { type Blob, finished, locationOf, UPLOAD_REASONS, type Upload } from './upload.ts';

export interface PushBlobOptions {
  /** For messages. */
  readonly name: string;
  /** Another repository of the same registry that may have the blob. */
  readonly mountFrom?: string;
  /** Bytes of a chunk if the registry wants chunks. */
  readonly chunk?: number;
}

/** What happened to the blob. */
export type Pushed = 'there' | 'mounted' | 'sent';

/** Pushes `blob`; an upload that breaks off starts anew. Throws `bad-target`. */
export async function pushBlob(
  session: RegistrySession,
  blob: Blob,
  options: PushBlobOptions,
): Promise<Pushed> {
  const subject = `${options.name}: ${blob.digest}`;
  if (await isThere(session, blob.digest)) return 'there';
  let upload = await start(session, blob.digest, subject, options.mountFrom);
  for (let failures = 1; upload !== 'mounted'; failures++) {
    const answer = await putWhole(session, upload.location, blob).catch((error: unknown) => {
      if (isTransient(error)) return error as Error;
      throw error;
    });
    if (answer instanceof Error) {
      if (!(await session.wait(failures))) throw answer;
    } else if (answer.status === 201) {
      await answer.discard();
      return 'sent';
    } else if (answer.status === 413) {
      await answer.discard();
      const again = await start(session, blob.digest, subject);
      if (again !== 'mounted') await pushChunks(session, again, blob, { subject, chunk: options.chunk });
      return 'sent';
    } else if (!mayPass(answer) || !(await session.wait(failures, answer))) {
      throw await failure(answer, subject, UPLOAD_REASONS);
    } else {
      await answer.discard();
    }
    upload = await start(session, blob.digest, subject);
  }
  return 'mounted';
}

/** 404: a registry of several processes forgot the upload. */
function mayPass({ status }: RegistryResponse): boolean {
  return isBusy(status) || status === 404;
}

/** Whether the repository has the blob. */
async function isThere(session: RegistrySession, digest: Digest): Promise<boolean> {
  const answer = await session.send(`blobs/${digest}`, { method: 'HEAD' });
  await answer.discard();
  return answer.status === 200;
}

async function start(
  session: RegistrySession,
  digest: Digest,
  subject: string,
  mountFrom?: string,
): Promise<Upload | 'mounted'> {
  const query = mountFrom === undefined ? '' : `?${new URLSearchParams({ mount: digest, from: mountFrom })}`;
  const answer = await session.send(`blobs/uploads/${query}`, {
    method: 'POST',
    headers: { 'content-length': '0' },
  });
  if (answer.status !== 202 && !(answer.status === 201 && mountFrom !== undefined))
    throw await failure(answer, subject, UPLOAD_REASONS);
  await answer.discard();
  if (answer.status === 201) return 'mounted';
  const chunkAtLeast = Number(answer.header('oci-chunk-min-length'));
  return {
    location: locationOf(answer),
    chunkAtLeast: Number.isSafeInteger(chunkAtLeast) && chunkAtLeast > 0 ? chunkAtLeast : 0,
  };
}

async function putWhole(
  session: RegistrySession,
  location: URL,
  { digest, size, open }: Blob,
): Promise<RegistryResponse> {
  return await session.send(finished(location, digest), {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
    body: () => open(0, size),
    once: true,
  });
}
