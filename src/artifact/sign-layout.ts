/** Signs an artifact in a folder as `cosign sign --key` does one in a registry: for where there is no cosign. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { AppError, messageOf } from '../errors.ts';
import { tagOf } from '../model/digest.ts';
import { PAYLOAD_TYPE, payloadOf, SIGNATURE, sign } from '../signing/simple-signing.ts';
import type { Layout } from './layout.ts';
import { MANIFEST_TYPE } from './manifest.ts';

/** PEM (PKCS #8 or SEC 1) of an ECDSA key on P-256; `passphrase` if it is encrypted. Throws `bad-config`. */
export async function readPrivateKey(file: string, passphrase?: string): Promise<KeyObject> {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: await readFile(file), ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    throw new AppError(
      'bad-config',
      `cannot read the private key ${file}: ${messageOf(cause)}. Want PEM, as "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256" writes it`,
      { cause },
    );
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new AppError('bad-config', `${file} is no ECDSA key on P-256`);
  return key;
}

/** Adds a signature of the manifest of `digest`, in place of one that was there. `repository` is only said in it. */
export async function signLayout(
  layout: Layout,
  digest: string,
  { key, repository }: { readonly key: KeyObject; readonly repository: string },
): Promise<void> {
  const payload = payloadOf(digest, repository);
  const blob = await layout.addBlob([payload]);
  const config = await layout.addBlob([
    Buffer.from(
      JSON.stringify({
        architecture: '',
        os: '',
        config: {},
        rootfs: { type: 'layers', diff_ids: [blob.digest] },
      }),
    ),
  ]);
  await layout.addManifest(
    {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
      layers: [{ mediaType: PAYLOAD_TYPE, ...blob, annotations: { [SIGNATURE]: sign(payload, key) } }],
    },
    `${tagOf(digest)}.sig`,
  );
}
