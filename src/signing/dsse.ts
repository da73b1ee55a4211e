/** DSSE envelopes (protocol.md of secure-systems-lab/dsse), alone or in a Sigstore bundle, and the in-toto statements in them. */
import type { KeyObject } from 'node:crypto';
import { isObject, type JsonObject, listOf, recordOf, textOf } from '../model/json-object.ts';
import { isSignedBy } from './public-key.ts';

/** Media and artifact type of bundles; versions follow it. */
export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle';
/** What cosign 3 says of an image that it signs. */
const SIGN_PREDICATE = 'https://sigstore.dev/cosign/sign/v1';
const MAX_SIGNATURES = 20;

/** The envelope that `json` is or holds; `no-dsse`: a bundle with another kind of signature. */
export function envelopeIn(json: unknown): JsonObject | 'no-dsse' | undefined {
  const record = recordOf(json);
  if (/sigstore\.bundle/.test(textOf(record.mediaType)))
    return isObject(record.dsseEnvelope) ? record.dsseEnvelope : 'no-dsse';
  return typeof record.payloadType === 'string' && typeof record.payload === 'string' ? record : undefined;
}

/** Whether one of the signatures of an envelope is by `key`. */
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

/** The in-toto statement of an envelope; undefined: it holds none. */
export function statementIn({ payload }: JsonObject): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(textOf(payload), 'base64').toString('utf8'));
    return isObject(json) && typeof json._type === 'string' ? json : undefined;
  } catch {
    return undefined;
  }
}

/** in-toto, statement: `subject[].digest` by algorithm. */
export function isAbout({ subject }: JsonObject, digests: readonly string[]): boolean {
  return listOf(subject).some((each) =>
    Object.entries(recordOf(recordOf(each).digest)).some(([algorithm, hex]) =>
      digests.includes(`${algorithm}:${textOf(hex)}`),
    ),
  );
}

/** Whether `bundle` (JSON) is the signature of `key` over the manifest of `digest`, as `cosign sign --key` makes it from version 3 on. */
export function isSigningBundle(bundle: Buffer, digest: string, key: KeyObject): boolean {
  let envelope: ReturnType<typeof envelopeIn>;
  try {
    envelope = envelopeIn(JSON.parse(bundle.toString('utf8')));
  } catch {
    return false;
  }
  // An attestation by the same key says something of the manifest, and does not approve of it.
  if (!isObject(envelope) || !isSignedEnvelope(envelope, key)) return false;
  const statement = statementIn(envelope);
  return statement?.predicateType === SIGN_PREDICATE && isAbout(statement, [digest]);
}
