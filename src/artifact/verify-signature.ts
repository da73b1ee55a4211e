/** Verifies that an artifact is signed with a known key. */
import { AppError } from '../errors.ts';
import { findSignature } from '../signing/find-signature.ts';
import type { PublicKey } from '../signing/public-key.ts';
import { readManifest } from './manifest.ts';
import { type ArtifactPlace, verified } from './place.ts';

/** Throws `bad-target` if none of `keys` has signed the manifest of `digest`. */
export async function verifySignature(
  place: ArtifactPlace,
  digest: string,
  keys: readonly PublicKey[],
): Promise<void> {
  const found = await findSignature(
    {
      async layersOf(reference) {
        const bytes = await place.manifest(reference);
        return bytes && readManifest(bytes, reference).layers;
      },
      referrersOf: (of) => place.referrers(of),
      blobOf: async (layer) =>
        verified(await place.read(layer.digest, 0, layer.size), layer.digest, place.name),
    },
    digest,
    keys,
  );
  if (found === 'signed') return;
  const names = keys.map(({ name }) => name).join(', ');
  const what = found === 'unsigned' ? 'is not signed' : `is not signed with the key ${names}`;
  throw new AppError(
    'bad-target',
    `the published database ${place.name}@${digest} ${what}. It is not used, and what was loaded before stays. Ask its publisher, or name another --db-key or --db-repository`,
  );
}
