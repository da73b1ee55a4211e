/** Documents as objects: compressed, by the digest of their text, and verified when they are read. */
import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Session } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { StoredDocuments } from './documents.ts';
import type { ObjectStore } from './object-store.ts';
import { readReference, writeReference } from './reference.ts';
import { touchDocument } from './store.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Bytes below which a document stays in its row: a request for it would cost more than it takes there. */
export const SMALLEST = 2048;
/** Bytes above which it stays there as well: more than PostgreSQL takes, so that there is none. */
const LARGEST = 1024 ** 3;

export interface ObjectDocumentsParts {
  /** Of the indexer: knows which documents the store has. */
  readonly db: Session;
  readonly objects: ObjectStore;
  /** Where new documents are kept; those that are elsewhere are read all the same. */
  readonly keepIn: 's3' | 'database';
}

export function objectDocuments({ db, objects, keepIn }: ObjectDocumentsParts): StoredDocuments {
  return {
    async write(text) {
      if (keepIn === 'database') return text;
      const bytes = Buffer.from(text);
      if (bytes.length < SMALLEST || bytes.length > LARGEST) return text;
      const reference = { digest: `sha256:${hash('sha256', bytes)}`, size: bytes.length };
      // Known before it is there: an object that nothing knows of would never be swept. One that is just being swept is not
      // waited for; what its row holds is moved later.
      if (!(await touchDocument(db, reference))) return text;
      await objects.put(keyOf(reference.digest), await compress(bytes));
      return writeReference(reference);
    },
    async read(held) {
      const reference = readReference(held);
      if (reference === undefined) return held;
      const key = keyOf(reference.digest);
      // zstd makes nothing much longer than it was.
      const packed = await objects.get(key, reference.size + 1024);
      if (packed === undefined) throw missing(objects, key, 'does not exist');
      const bytes = await unpack(packed, reference.size);
      if (bytes === undefined || `sha256:${hash('sha256', bytes)}` !== reference.digest)
        throw missing(objects, key, 'is damaged');
      return bytes.toString();
    },
  };
}

/** The key of a document: `sha256/HEX`. */
export function keyOf(digest: string): string {
  return digest.replace(':', '/');
}

async function unpack(packed: Buffer, size: number): Promise<Buffer | undefined> {
  try {
    return await decompress(packed, { maxOutputLength: Math.max(size, 1) });
  } catch {
    return undefined;
  }
}

function missing({ place }: ObjectStore, key: string, what: string): AppError {
  return new AppError(
    'document-missing',
    `a stored document ${what}: object ${key} of ${place}. Restore it from the backup of the object store, or submit the manifest again`,
  );
}
