/** Finds the signatures of an artifact, beside it by tag or as referrers, and verifies that one of them is of a known key. */
import { AppError } from '../errors.ts';
import { tagOf } from '../image/attached/referrers.ts';
import { BUNDLE_TYPE, isSigningBundle } from '../signing/dsse.ts';
import type { PublicKey } from '../signing/public-key.ts';
import { isSimplySigned, PAYLOAD_TYPE, SIGNATURE, SIGNATURE_TYPE } from '../signing/simple-signing.ts';
import { type ArtifactManifest, readManifest } from './manifest.ts';
import { type ArtifactPlace, verified } from './place.ts';

/** So many signatures, and so many referrers that may hold one, are looked at. */
const MOST = 50;
/** Bytes of a payload or of a bundle. */
const LIMIT = 64 * 1024;

/** Throws `bad-target` if none of `keys` has signed the manifest of `digest`. */
export async function verifySignature(
  place: ArtifactPlace,
  digest: string,
  keys: readonly PublicKey[],
): Promise<void> {
  const names = keys.map(({ name }) => name).join(', ');
  let seen = 0;
  for await (const { bytes, signature } of signaturesOf(place, digest)) {
    if (seen++ === MOST) break;
    const isOf = ({ key }: PublicKey): boolean =>
      signature === undefined
        ? isSigningBundle(bytes, digest, key)
        : isSimplySigned(bytes, signature, digest, key);
    if (keys.some(isOf)) return;
  }
  const what = seen === 0 ? 'is not signed' : `is not signed with the key ${names}`;
  throw new AppError(
    'bad-target',
    `the published database ${place.name}@${digest} ${what}. It is not used, and what was loaded before stays. Ask its publisher, or name another --db-key or --db-repository`,
  );
}

interface Signature {
  /** The signed payload; of a bundle, all of it. */
  readonly bytes: Buffer;
  /** Over the payload; a bundle has it inside. */
  readonly signature: string | undefined;
}

async function* signaturesOf(place: ArtifactPlace, digest: string): AsyncGenerator<Signature> {
  const tagged = await place.manifest(`${tagOf(digest)}.sig`);
  if (tagged !== undefined) yield* signaturesIn(place, readManifest(tagged, `${tagOf(digest)}.sig`));
  const referrers = (await place.referrers(digest)).filter(({ artifactType }) =>
    mayBeSignature(artifactType),
  );
  for (const { digest: referrer } of referrers.slice(0, MOST)) {
    const bytes = await place.manifest(referrer);
    if (bytes !== undefined) yield* signaturesIn(place, readManifest(bytes, referrer));
  }
}

/** cosign's own list, where a registry has none, gives its bundles the type of their empty configuration. */
function mayBeSignature(artifactType: string | undefined): boolean {
  return (
    artifactType === undefined ||
    artifactType === SIGNATURE_TYPE ||
    artifactType.startsWith(BUNDLE_TYPE) ||
    artifactType === 'application/vnd.oci.empty.v1+json'
  );
}

async function* signaturesIn(place: ArtifactPlace, { layers }: ArtifactManifest): AsyncGenerator<Signature> {
  for (const { mediaType, digest, size, annotations } of layers) {
    const signature = mediaType === PAYLOAD_TYPE ? annotations?.[SIGNATURE] : undefined;
    if (size > LIMIT || (signature === undefined && !mediaType.startsWith(BUNDLE_TYPE))) continue;
    yield { bytes: verified(await place.read(digest, 0, size), digest, place.name), signature };
  }
}
