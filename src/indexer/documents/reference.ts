/** What a row holds in place of a document that lies in a store of objects: the digest of its text, and how long that is. */

/** Characters of every reference (009-documents.sql). JSON cannot be mistaken for one, whatever its length. */
export const REFERENCE_LENGTH = 91;

const PATTERN = /^document:(sha256:[0-9a-f]{64}):([0-9]{10})$/;

export interface DocumentReference {
  /** `sha256:<hex>` of the text. */
  readonly digest: string;
  /** Bytes of the text. */
  readonly size: number;
}

export function writeReference({ digest, size }: DocumentReference): string {
  return `document:${digest}:${String(size).padStart(10, '0')}`;
}

/** The same of columns `digest` and `size`, in SQL. */
export const REFERENCE_SQL = `'document:' || d.digest || ':' || lpad(d.size::text, 10, '0')`;

export function isReference(held: string): boolean {
  return held.length === REFERENCE_LENGTH && PATTERN.test(held);
}

/** undefined: it is a document itself. */
export function readReference(held: string): DocumentReference | undefined {
  const [, digest, size] = (held.length === REFERENCE_LENGTH && PATTERN.exec(held)) || [];
  return digest === undefined ? undefined : { digest, size: Number(size) };
}
