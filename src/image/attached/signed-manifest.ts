/** Whether a manifest in a registry is signed by a key. */
import type { KeyObject } from 'node:crypto';
import type { Digest } from '../../model/digest.ts';
import { findSignature, SIGNATURE_LIMIT } from '../../signing/find-signature.ts';
import { fetchBytes, fetchManifest } from '../registry/fetch-document.ts';
import { digestIn, verify } from '../target/documents.ts';
import { Carrier, jsonIn, type Link, type OpenRepository, referrersOf, taggedManifest } from './referrers.ts';

/** Throws `bad-target` if the registry cannot be asked, or gives something else than it lists. */
export async function isSignedManifest(
  repository: OpenRepository,
  digest: Digest,
  key: KeyObject,
): Promise<boolean> {
  const { session, name } = repository;
  const found = await findSignature<Link>(
    {
      async layersOf(reference) {
        const bytes = await manifestAt(repository, reference);
        return Carrier.safeParse(bytes && jsonIn(bytes)).data?.layers;
      },
      referrersOf: async () => (await referrersOf(repository, digest)).links,
      async blobOf(layer) {
        const hash = digestIn(layer.digest, name);
        return verify(
          (await fetchBytes(session, `blobs/${hash}`, {}, name, SIGNATURE_LIMIT)).bytes,
          hash,
          name,
        );
      },
    },
    digest,
    [{ key }],
  );
  return found === 'signed';
}

async function manifestAt(repository: OpenRepository, reference: string): Promise<Buffer | undefined> {
  if (!reference.includes(':')) return await taggedManifest(repository, reference);
  const source = `${repository.name}@${reference}`;
  return (await fetchManifest(repository.session, digestIn(reference, source), source)).bytes;
}
