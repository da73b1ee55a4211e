/** Content digests as OCI writes them: `algorithm:hex`. */
import { AppError } from '../errors.ts';

export type Digest = string & { readonly brand: 'Digest' };

const HEX_LENGTH: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** Reads `sha256:<64 hex>` or `sha512:<128 hex>`, any case; gives lower case. Throws `bad-request`. */
export function parseDigest(text: string): Digest {
  const colon = text.indexOf(':');
  const algorithm = text.slice(0, Math.max(colon, 0));
  const hex = text.slice(colon + 1).toLowerCase();
  const length = HEX_LENGTH[algorithm];
  if (length === undefined || hex.length !== length || !/^[0-9a-f]*$/.test(hex)) {
    throw new AppError(
      'bad-request',
      `malformed digest ${JSON.stringify(text)}: expected sha256:<64 hex> or sha512:<128 hex>`,
    );
  }
  return `${algorithm}:${hex}` as Digest;
}

/** `sha256` or `sha512`: the name that `node:crypto` knows too. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}

/** Returns the tag below which registries without referrers have their index; with `.sig` and the like, those of cosign. */
export function tagOf(digest: string): string {
  return digest.replace(':', '-');
}
