/** Reads the documents of a repository: manifests, indexes and configs, whole and verified. */
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { DOCUMENT_LIMIT, digestIn, digestOf, verify } from '../target/documents.ts';
import { isTransient } from './http-retry.ts';
import type { RegistrySession } from './session.ts';
import { showUrl } from './show-url.ts';
import type { RegistryResponse } from './transport.ts';

/** All by name: to Docker's registry a wildcard is a client that knows no OCI manifest, which gets 404. */
export const MANIFEST_ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const DOCUMENT_TRIES = 3;
const ERROR_LIMIT = 64 * 1024;
const RegistryErrors = z.object({ errors: z.array(z.object({ message: z.string().optional() })).min(1) });

/** The manifest or index `wanted` (tag or digest), verified. Throws `bad-target`. */
export async function fetchManifest(
  session: RegistrySession,
  wanted: string,
  name: string,
): Promise<{ digest: Digest; bytes: Buffer }> {
  const { bytes, answer } = await fetchBytes(
    session,
    `manifests/${wanted}`,
    { accept: MANIFEST_ACCEPT },
    name,
  );
  // A tag says nothing of the content; the registry may.
  const promised = wanted.includes(':') ? wanted : answer.header('docker-content-digest');
  const digest = promised === '' ? digestOf(bytes) : digestIn(promised, name);
  return { digest, bytes: verify(bytes, digest, name) };
}

/** Returns the digest that `tag` stands for, without its document; undefined if the registry does not say. Throws `bad-target`. */
export async function headManifest(session: RegistrySession, tag: string): Promise<Digest | undefined> {
  const answer = await session.send(`manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: MANIFEST_ACCEPT },
  });
  await answer.discard();
  const digest = answer.header('docker-content-digest');
  return answer.status === 200 && digest !== '' ? digestIn(digest, tag) : undefined;
}

/** The document at `path` below the repository, at most `limit` bytes; once more if it broke off. Throws `bad-target`. */
export async function fetchBytes(
  session: RegistrySession,
  path: string,
  headers: Readonly<Record<string, string>>,
  name: string,
  limit = DOCUMENT_LIMIT,
): Promise<{ bytes: Buffer; answer: RegistryResponse }> {
  for (let failures = 1; ; failures++) {
    const answer = await session.get(path, headers);
    if (answer.status !== 200) throw await failure(answer, name);
    try {
      return { bytes: await answer.read(limit), answer };
    } catch (error) {
      if (failures === DOCUMENT_TRIES || !isTransient(error)) throw error;
    }
  }
}

/** Returns what to tell of an answer that is none; it reads the body. `reasons`: by status, before the usual ones. */
export async function failure(
  answer: RegistryResponse,
  name: string,
  reasons: Readonly<Record<number, string>> = {},
): Promise<AppError> {
  const said = await messageIn(answer);
  const why: Readonly<Record<number, string>> = {
    403: 'access denied (403). Check the permission to pull of this user',
    404: 'image not found (404). Check repository and tag',
    429: 'rate limit of the registry reached (429). Retry later, or log in',
    ...reasons,
  };
  const reason = why[answer.status] ?? `${showUrl(answer.url)} returned status ${answer.status}`;
  const [what, ...advice] = reason.split('. ');
  const parts = [`${what}${said === '' ? '' : ` (${said})`}`, ...advice];
  return new AppError('bad-target', `${name}: ${parts.join('. ')}`);
}

/** What the registry says of its error, as far as it is fit for a terminal. */
async function messageIn(answer: RegistryResponse): Promise<string> {
  try {
    const { errors } = RegistryErrors.parse(JSON.parse((await answer.read(ERROR_LIMIT)).toString('utf8')));
    return (errors[0]?.message ?? '').replace(/[^\x20-\x7e]/g, ' ').slice(0, 200);
  } catch {
    return '';
  }
}
