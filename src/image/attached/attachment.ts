/** What is attached to an image, opened: which document it is, whom it is about, and whether it is signed. */
import type { KeyObject } from 'node:crypto';
import { isObject, type JsonObject, listOf, recordOf, textOf } from '../../model/json-object.ts';
import { envelopeIn, isAbout, isSignedEnvelope, statementIn } from '../../signing/dsse.ts';

/** Whether what signs a document was checked. */
export type SignatureState = 'verified' | 'unchecked' | 'unsigned';

export type DocumentKind = 'vex' | 'sbom';

/** A document as it is attached. */
export interface RawAttachment {
  /** Where it is from: for messages, and as a name of the document. */
  readonly source: string;
  readonly bytes: Buffer;
  /** What manifests and annotations call it. */
  readonly types: readonly string[];
  /** Whether a signature outside of it is by the key; undefined: nobody has looked. */
  readonly signedOutside?: boolean;
}

export interface Attachment {
  readonly source: string;
  readonly kind: DocumentKind;
  /** The document in its envelopes. */
  readonly text: string;
  readonly signature: SignatureState;
}

export type OpenedAttachment =
  | { readonly attachment: Attachment }
  /** It cannot be used. */
  | { readonly unusable: string }
  /** It is something else than was looked for. */
  | { readonly other: true };

const OTHER = { other: true } as const;
/** Why a document is unusable that a signature elsewhere could still cover. */
export const UNSIGNED = 'it has no signature by the key';

/** By words that media types, artifact types and predicate types have in them; undefined: neither. */
export function kindOfType(type: string): DocumentKind | undefined {
  if (/openvex|csaf|\bvex\b|[/+.]vex/i.test(type)) return 'vex';
  if (/cyclonedx|spdx|syft/i.test(type)) return 'sbom';
  return undefined;
}

/** Whether what is called so may hold a document of any kind. */
export function isEnvelopeType(type: string): boolean {
  return /in-toto|dsse|sigstore\.bundle|cosign\.artifact\.attestation/i.test(type);
}

/**
 * Opens a document that is attached to one of `digests`. With `key`, one that is not signed by it is unusable; so is an
 * attestation about something else.
 */
export function openAttachment(
  raw: RawAttachment,
  digests: readonly string[],
  key: KeyObject | undefined,
): OpenedAttachment {
  const text = raw.bytes.toString('utf8');
  const declared = raw.types.map(kindOfType).find((kind) => kind !== undefined);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    if (declared === undefined || raw.types.some(isEnvelopeType)) return unusable('it is not JSON');
    return bare(raw, declared, text, key); // CycloneDX in XML, SPDX in tags
  }
  const envelope = envelopeIn(json);
  if (envelope === 'no-dsse') return unusable('it is a bundle without a DSSE envelope');
  const statement = statementOf(envelope, json);
  if (envelope && statement === undefined) return unusable('its envelope holds no in-toto statement');
  if (statement === undefined) {
    const kind = declared ?? kindOfDocument(recordOf(json));
    return kind === undefined ? OTHER : bare(raw, kind, text, key);
  }
  const kind = kindOfType(textOf(statement.predicateType)) ?? kindOfPredicate(statement.predicate);
  if (kind === undefined) return OTHER;
  if (!isAbout(statement, digests)) return unusable('it is about another image');
  const signature = envelope ? stateOfEnvelope(envelope, key) : stateOfBare(raw, key);
  if (signature === undefined) return unusable(UNSIGNED);
  return {
    attachment: {
      source: raw.source,
      kind: kindOfPredicate(statement.predicate) ?? kind,
      // What was checked, and nothing that stands beside it in the envelope.
      text: envelope ? JSON.stringify(statement) : text,
      signature,
    },
  };
}

function bare(
  raw: RawAttachment,
  kind: DocumentKind,
  text: string,
  key: KeyObject | undefined,
): OpenedAttachment {
  const signature = stateOfBare(raw, key);
  if (signature === undefined) return unusable(UNSIGNED);
  return { attachment: { source: raw.source, kind, text, signature } };
}

/** undefined: it is not signed by the key that there is. */
function stateOfBare(
  { signedOutside }: RawAttachment,
  key: KeyObject | undefined,
): SignatureState | undefined {
  if (key === undefined) return 'unsigned';
  return signedOutside ? 'verified' : undefined;
}

function stateOfEnvelope(envelope: JsonObject, key: KeyObject | undefined): SignatureState | undefined {
  if (key === undefined) return listOf(envelope.signatures).length > 0 ? 'unchecked' : 'unsigned';
  return isSignedEnvelope(envelope, key) ? 'verified' : undefined;
}

function statementOf(envelope: JsonObject | undefined, json: unknown): JsonObject | undefined {
  if (envelope) return statementIn(envelope);
  return isObject(json) && typeof json._type === 'string' && 'predicate' in json ? json : undefined;
}

/** Of cosign's own predicate the document is a text. */
function kindOfPredicate(predicate: unknown): DocumentKind | undefined {
  const record = recordOf(predicate);
  if (!('Data' in record)) return kindOfDocument(record);
  try {
    const data: unknown = typeof record.Data === 'string' ? JSON.parse(record.Data) : record.Data;
    return kindOfDocument(recordOf(data));
  } catch {
    return kindOfType(textOf(record.Data).slice(0, 1000));
  }
}

/** CycloneDX may be either: without vulnerabilities it is a list of components, without components a VEX document. */
function kindOfDocument(json: JsonObject): DocumentKind | undefined {
  if (json.bomFormat === 'CycloneDX')
    return listOf(json.components).length === 0 && listOf(json.vulnerabilities).length > 0 ? 'vex' : 'sbom';
  if (/openvex/i.test(JSON.stringify(json['@context'] ?? ''))) return 'vex';
  if (/csaf/i.test(textOf(recordOf(json.document).category))) return 'vex';
  if (typeof json.spdxVersion === 'string' || Array.isArray(json['@graph'])) return 'sbom';
  return Array.isArray(json.artifacts) && 'schema' in json ? 'sbom' : undefined;
}

function unusable(why: string): OpenedAttachment {
  return { unusable: why };
}
