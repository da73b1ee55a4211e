/** Public keys that signatures are verified with: PEM, as `cosign generate-key-pair` writes `cosign.pub`. No certificates. */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { AppError, messageOf } from '../errors.ts';

export interface PublicKey {
  /** The file. */
  readonly name: string;
  readonly key: KeyObject;
}

const LIMIT = 64 * 1024;
const KINDS = ['ec', 'rsa', 'ed25519'];

/** Reads an ECDSA, RSA or Ed25519 key. Throws `bad-config`. */
export async function readPublicKey(file: string): Promise<PublicKey> {
  try {
    if ((await stat(file)).size > LIMIT) throw new Error(`it is over ${LIMIT} bytes`);
    const text = await readFile(file, 'utf8');
    // A private key has a public one in it, and has no place on a machine that verifies.
    if (!text.includes('PUBLIC KEY')) throw new Error('it has no public key in PEM');
    const key = createPublicKey(text);
    if (!KINDS.includes(key.asymmetricKeyType ?? '')) throw new Error('its algorithm is not supported');
    return { name: file, key };
  } catch (cause) {
    throw new AppError(
      'bad-config',
      `cannot read the key ${file}: ${messageOf(cause)}. Expected a public key in PEM (ECDSA, RSA or Ed25519), as "cosign public-key" prints it`,
      { cause },
    );
  }
}

/** Whether `signature` (base64; in DER for ECDSA, PKCS #1 v1.5 or PSS for RSA) is that of `key` over `data`. */
export function isSignedBy(data: Buffer, signature: string, key: KeyObject): boolean {
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
