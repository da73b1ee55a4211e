/** Finds the signatures of an artifact, beside it by tag or as referrers, and verifies that one of them is of a known key. */
import { AppError } from '../errors.ts';
import { type ArtifactManifest, readManifest } from './manifest.ts';
import { type ArtifactPlace, verified } from './place.ts';
import type { PublicKey } from './public-key.ts';
import { tagOf } from './referrers.ts';
import { isSigned, PAYLOAD_TYPE, SIGNATURE, SIGNATURE_TYPE } from './signature.ts';

/** So many signatures are looked at. */
const MOST = 50;
const PAYLOAD_LIMIT = 64 * 1024;

/** Throws `bad-target` if none of `keys` has signed the manifest of `digest`. */
export async function verifySignature(
  place: ArtifactPlace,
  digest: string,
  keys: readonly PublicKey[],
): Promise<void> {
  const names = keys.map(({ name }) => name).join(', ');
  let seen = 0;
  for await (const signature of signaturesOf(place, digest)) {
    if (seen++ === MOST) break;
    if (keys.some(({ key }) => isSigned(digest, signature, key))) return;
  }
  const what = seen === 0 ? 'is not signed' : `is not signed with the key ${names}`;
  throw new AppError(
    'bad-target',
    `the published database ${place.name}@${digest} ${what}. It is not used, and what was loaded before stays. Ask its publisher, or name another --db-key or --db-repository`,
  );
}

interface Signature {
  readonly payload: Buffer;
  readonly signature: string;
}

async function* signaturesOf(place: ArtifactPlace, digest: string): AsyncGenerator<Signature> {
  const tagged = await place.manifest(`${tagOf(digest)}.sig`);
  if (tagged !== undefined) yield* payloadsOf(place, readManifest(tagged, `${tagOf(digest)}.sig`));
  for (const { digest: referrer, artifactType } of await place.referrers(digest)) {
    if (artifactType !== SIGNATURE_TYPE) continue;
    const bytes = await place.manifest(referrer);
    if (bytes !== undefined) yield* payloadsOf(place, readManifest(bytes, referrer));
  }
}

async function* payloadsOf(place: ArtifactPlace, { layers }: ArtifactManifest): AsyncGenerator<Signature> {
  for (const { mediaType, digest, size, annotations } of layers) {
    const signature = annotations?.[SIGNATURE];
    if (mediaType !== PAYLOAD_TYPE || signature === undefined || size > PAYLOAD_LIMIT) continue;
    yield { payload: verified(await place.read(digest, 0, size), digest, place.name), signature };
  }
}
