/** Puts manifests into a repository, and finds whether the registry lists referrers itself (OCI distribution-spec 1.1). */
import { AppError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { DOCUMENT_LIMIT, digestOf } from '../target/documents.ts';
import { failure } from './fetch-document.ts';
import type { RegistrySession } from './session.ts';

export interface PutManifest {
  readonly digest: Digest;
  /** Whether the registry took note of the manifest's `subject`: if not, referrers are a tag that clients keep. */
  readonly listsReferrers: boolean;
}

export interface ManifestToPut {
  readonly bytes: Buffer;
  readonly mediaType: string;
  /** Default: its digest, so that no tag names it. */
  readonly tag?: string;
}

const REASONS = {
  400: 'the registry refuses the manifest',
  403: 'this login may not write there',
  404: 'the registry does not have this repository, or lacks a blob of the manifest',
  405: 'the registry takes no manifests',
};

/** Puts a manifest or an index; `name` is for messages. Throws `bad-target`. */
export async function pushManifest(
  session: RegistrySession,
  { bytes, mediaType, tag }: ManifestToPut,
  name: string,
): Promise<PutManifest> {
  if (bytes.length > DOCUMENT_LIMIT)
    throw new AppError('bad-target', `${name}: a manifest of ${bytes.length} bytes exceeds the limit`);
  const digest = digestOf(bytes);
  const answer = await session.send(`manifests/${tag ?? digest}`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: bytes,
  });
  if (answer.status !== 201) throw await failure(answer, `${name}: manifest ${tag ?? digest}`, REASONS);
  await answer.discard();
  const kept = answer.header('docker-content-digest');
  if (kept !== '' && kept !== digest)
    throw new AppError('bad-target', `${name}: the registry stored another manifest than was sent (${kept})`);
  return { digest, listsReferrers: answer.header('oci-subject') !== '' };
}
