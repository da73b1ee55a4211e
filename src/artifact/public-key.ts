/** Public keys that signatures are verified with: PEM, as `cosign generate-key-pair` writes `cosign.pub`. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { AppError, messageOf } from '../errors.ts';

export interface PublicKey {
  /** The file. */
  readonly name: string;
  readonly key: KeyObject;
}

const LIMIT = 64 * 1024;

/** Reads ECDSA keys on P-256. Throws `bad-config`. */
export async function readPublicKey(file: string): Promise<PublicKey> {
  let key: KeyObject;
  try {
    if ((await stat(file)).size > LIMIT) throw new Error(`it is over ${LIMIT} bytes`);
    const text = await readFile(file, 'utf8');
    if (!text.includes('PUBLIC KEY')) throw new Error('it has no public key in PEM');
    key = createPublicKey(text);
  } catch (cause) {
    throw new AppError('bad-config', `cannot read the public key ${file}: ${messageOf(cause)}`, { cause });
  }
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new AppError(
      'bad-config',
      `${file} is no ECDSA key on P-256, as "cosign generate-key-pair" makes them`,
    );
  return { name: file, key };
}
