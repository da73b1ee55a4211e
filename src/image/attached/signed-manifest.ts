/** Whether a manifest is signed by a key, as cosign does it: by a tag beside it, or by bundles among its referrers. */
import type { KeyObject } from 'node:crypto';
import type { Digest } from '../../model/digest.ts';
import { BUNDLE_TYPE, isSigningBundle } from '../../signing/dsse.ts';
import { isSimplySigned, SIGNATURE } from '../../signing/simple-signing.ts';
import { fetchBytes, fetchManifest } from '../registry/fetch-document.ts';
import { digestIn, verify } from '../target/documents.ts';
import {
  Carrier,
  jsonIn,
  type Link,
  type OpenRepository,
  referrersOf,
  taggedManifest,
  tagOf,
} from './referrers.ts';

/** Signatures that are looked at, and bytes of one. */
const MOST = 50;
const LIMIT = 64 * 1024;

/** Throws `bad-target` if the registry cannot be asked, or gives something else than it lists. */
export async function isSignedManifest(
  repository: OpenRepository,
  digest: Digest,
  key: KeyObject,
): Promise<boolean> {
  for (const layer of layersIn(await taggedManifest(repository, `${tagOf(digest)}.sig`))) {
    const signature = layer.annotations?.[SIGNATURE];
    if (signature !== undefined && isSimplySigned(await blobOf(repository, layer), signature, digest, key))
      return true;
  }
  const { links } = await referrersOf(repository, digest);
  for (const link of links.slice(0, MOST)) {
    const source = `${repository.name}@${link.digest}`;
    const { bytes } = await fetchManifest(repository.session, digestIn(link.digest, source), source);
    for (const layer of layersIn(bytes)) {
      if (!layer.mediaType?.startsWith(BUNDLE_TYPE)) continue;
      if (isSigningBundle(await blobOf(repository, layer), digest, key)) return true;
    }
  }
  return false;
}

function layersIn(manifest: Buffer | undefined): readonly Link[] {
  return Carrier.safeParse(manifest && jsonIn(manifest)).data?.layers.slice(0, MOST) ?? [];
}

async function blobOf({ session, name }: OpenRepository, { digest }: Link): Promise<Buffer> {
  const hash = digestIn(digest, name);
  return verify((await fetchBytes(session, `blobs/${hash}`, {}, name, LIMIT)).bytes, hash, name);
}
