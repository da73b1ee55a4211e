/**
 * Signatures as cosign 2 makes them with a key: a manifest whose layers are payloads of the "simple signing" format, each
 * with its signature as an annotation (sigstore/cosign, specs/SIGNATURE_SPEC.md).
 */
import { type KeyObject, sign as signBytes } from 'node:crypto';
import { recordOf } from '../model/json-object.ts';
import { isSignedBy } from './public-key.ts';

export const PAYLOAD_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const SIGNATURE_TYPE = 'application/vnd.dev.cosign.artifact.sig.v1+json';
/** Annotation of a layer. */
export const SIGNATURE = 'dev.cosignproject.cosign/signature';

const PAYLOAD_KIND = 'cosign container image signature';

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
export function isSimplySigned(payload: Buffer, signature: string, digest: string, key: KeyObject): boolean {
  // The signature first: nothing is read of what nobody has signed.
  if (!isSignedBy(payload, signature, key)) return false;
  try {
    const critical = recordOf(recordOf(JSON.parse(payload.toString('utf8'))).critical);
    return critical.type === PAYLOAD_KIND && recordOf(critical.image)['docker-manifest-digest'] === digest;
  } catch {
    return false;
  }
}
