/**
 * Signatures as cosign makes them with a key: a manifest whose layers are payloads of the "simple signing" format, each
 * signed by ECDSA P-256 over SHA-256 (sigstore/cosign, specs/SIGNATURE_SPEC.md).
 */
import { type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { z } from 'zod';

export const PAYLOAD_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const SIGNATURE_TYPE = 'application/vnd.dev.cosign.artifact.sig.v1+json';
/** Annotation of a layer. */
export const SIGNATURE = 'dev.cosignproject.cosign/signature';

const PAYLOAD_KIND = 'cosign container image signature';

const Payload = z.object({
  critical: z.object({
    image: z.object({ 'docker-manifest-digest': z.string() }),
    type: z.string(),
  }),
});

/** The payload that says that the manifest of this digest is meant. */
export function payloadOf(digest: string, repository: string): Buffer {
  const critical = {
    identity: { 'docker-reference': repository },
    image: { 'docker-manifest-digest': digest },
    type: PAYLOAD_KIND,
  };
  return Buffer.from(JSON.stringify({ critical, optional: null }));
}

/** base64, of the DER form. */
export function sign(payload: Buffer, key: KeyObject): string {
  return signBytes('sha256', payload, key).toString('base64');
}

/** Whether `payload` is about the manifest of `digest`, and `signature` (base64) is that of `key`. */
export function isSigned(
  digest: string,
  { payload, signature }: { readonly payload: Buffer; readonly signature: string },
  key: KeyObject,
): boolean {
  // The signature first: nothing is read of what nobody has signed.
  if (!verifyBytes('sha256', payload, key, Buffer.from(signature, 'base64'))) return false;
  try {
    const { critical } = Payload.parse(JSON.parse(payload.toString()));
    return critical.type === PAYLOAD_KIND && critical.image['docker-manifest-digest'] === digest;
  } catch {
    return false;
  }
}
