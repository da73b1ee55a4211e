/** Signatures over attestations: DSSE envelopes, and cosign's simple signing of a manifest. By a public key; no certificates. */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { listOf, recordOf, textOf } from '../../model/json-object.ts';

/** Whether what signs a document was checked. */
export type SignatureState = 'verified' | 'unchecked' | 'unsigned';

/** Reads a public key (PEM: ECDSA, RSA, Ed25519). Throws `bad-config`. */
export function readPublicKey(pem: string, name: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    if (!['ec', 'rsa', 'ed25519'].includes(key.asymmetricKeyType ?? ''))
      throw new Error('another kind of key');
    return key;
  } catch (cause) {
    throw new AppError(
      'bad-config',
      `cannot read the key ${name}: expected a public key in PEM (ECDSA, RSA or Ed25519), as cosign public-key prints it.`,
      { cause },
    );
  }
}

/** Whether one of the signatures of a DSSE envelope (protocol.md of secure-systems-lab/dsse) is by `key`. */
export function isSignedEnvelope(envelope: unknown, key: KeyObject): boolean {
  const { payloadType, payload, signatures } = recordOf(envelope);
  if (typeof payloadType !== 'string' || typeof payload !== 'string') return false;
  const body = Buffer.from(payload, 'base64');
  const type = Buffer.from(payloadType);
  const signed = Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${body.length} `),
    body,
  ]);
  return listOf(signatures)
    .slice(0, MAX_SIGNATURES)
    .some((each) => isSignedBy(signed, textOf(recordOf(each).sig), key));
}

/** cosign's simple signing: `payload` is signed and names the manifest `digest`. */
export function isSimplySigned(payload: Buffer, signature: string, digest: string, key: KeyObject): boolean {
  try {
    const critical = recordOf(recordOf(JSON.parse(payload.toString('utf8'))).critical);
    if (recordOf(critical.image)['docker-manifest-digest'] !== digest) return false;
  } catch {
    return false;
  }
  return isSignedBy(payload, signature, key);
}

const MAX_SIGNATURES = 20;

/** `signature` in base64; in DER for ECDSA, PKCS #1 v1.5 or PSS for RSA. */
function isSignedBy(data: Buffer, signature: string, key: KeyObject): boolean {
  const bytes = Buffer.from(signature, 'base64');
  if (bytes.length === 0) return false;
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  try {
    if (type === 'ed25519') return verify(null, data, key, bytes);
    if (type === 'ec') return hashesOf(details?.namedCurve).some((hash) => verify(hash, data, key, bytes));
    return [constants.RSA_PKCS1_PADDING, constants.RSA_PKCS1_PSS_PADDING].some((padding) =>
      verify('sha256', data, { key, padding }, bytes),
    );
  } catch {
    return false; // not even of the form of a signature
  }
}

/** cosign hashes by SHA-256 whatever the curve; newer versions by what fits it. */
function hashesOf(curve: string | undefined): string[] {
  const own: Readonly<Record<string, string>> = { secp384r1: 'sha384', secp521r1: 'sha512' };
  return ['sha256', ...(own[curve ?? ''] === undefined ? [] : [own[curve ?? '']!])];
}
