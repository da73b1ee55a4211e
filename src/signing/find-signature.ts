/** Finds the signatures of a manifest where cosign puts them: below a tag beside it, and in manifests that refer to it. */
import { tagOf } from '../model/digest.ts';
import { BUNDLE_TYPE, isSigningBundle } from './dsse.ts';
import type { PublicKey } from './public-key.ts';
import { isSimplySigned, SIGNATURE, SIGNATURE_TYPE } from './simple-signing.ts';

/** Signatures that are verified, referrers that are asked for some, and layers of one manifest that may be some. */
const MOST = 50;

/** Bytes of a payload or of a bundle: both name one digest. */
export const SIGNATURE_LIMIT = 64 * 1024;

/** A blob that may be a signature. */
export interface SignatureLayer {
  readonly mediaType?: string | undefined;
  readonly digest: string;
  /** Bytes, if the manifest says them. */
  readonly size?: number | undefined;
  readonly annotations?: Readonly<Record<string, string>> | null | undefined;
}

/** Where a manifest is. All of it may throw `bad-target`. */
export interface SignedPlace<Layer extends SignatureLayer> {
  /** Returns the layers of the manifest at a tag or digest; undefined if it does not exist. */
  layersOf(reference: string): Promise<readonly Layer[] | undefined>;
  /** Returns the manifests whose subject is the one of `digest`. */
  referrersOf(digest: string): Promise<readonly Referrer[]>;
  /** Returns a blob of up to `SIGNATURE_LIMIT` bytes, of which it has verified the digest. */
  blobOf(layer: Layer): Promise<Buffer>;
}

interface Referrer {
  readonly digest: string;
  readonly artifactType?: string | undefined;
}

/** Returns whether one of `keys` has signed the manifest of `digest`; `unsigned` means that it has no signature. */
export async function findSignature<Layer extends SignatureLayer>(
  place: SignedPlace<Layer>,
  digest: string,
  keys: readonly Pick<PublicKey, 'key'>[],
): Promise<'signed' | 'other-key' | 'unsigned'> {
  let seen = 0;
  for await (const layer of layersBeside(place, digest)) {
    const signature = layer.annotations?.[SIGNATURE];
    const isBundle = layer.mediaType?.startsWith(BUNDLE_TYPE);
    if ((signature === undefined && !isBundle) || (layer.size ?? 0) > SIGNATURE_LIMIT) continue;
    if (seen++ === MOST) break;
    const bytes = await place.blobOf(layer);
    const isOf = ({ key }: Pick<PublicKey, 'key'>): boolean =>
      signature === undefined
        ? isSigningBundle(bytes, digest, key)
        : isSimplySigned(bytes, signature, digest, key);
    if (keys.some(isOf)) return 'signed';
  }
  return seen === 0 ? 'unsigned' : 'other-key';
}

async function* layersBeside<Layer extends SignatureLayer>(
  place: SignedPlace<Layer>,
  digest: string,
): AsyncGenerator<Layer> {
  yield* ((await place.layersOf(`${tagOf(digest)}.sig`)) ?? []).slice(0, MOST);
  const referrers = await place.referrersOf(digest);
  for (const { digest: referrer } of referrers.filter(mayBeSignature).slice(0, MOST))
    yield* ((await place.layersOf(referrer)) ?? []).slice(0, MOST);
}

/** cosign's own list, where a registry has none, gives its bundles the type of their empty configuration. */
function mayBeSignature({ artifactType }: Referrer): boolean {
  return (
    artifactType === undefined ||
    artifactType === SIGNATURE_TYPE ||
    artifactType.startsWith(BUNDLE_TYPE) ||
    artifactType === 'application/vnd.oci.empty.v1+json'
  );
}
