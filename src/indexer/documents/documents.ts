/** Documents (index reports, detections of layers): in their rows, or in a store of objects, and then their rows refer to them. */
import { AppError } from '../../errors.ts';
import { isReference } from './reference.ts';

export interface StoredDocuments {
  /** Stores `text` and returns what its row is to hold: the text, or a reference. Called before the row is written. */
  write(text: string): Promise<string>;
  /**
   * Returns the text of what a row holds. Throws `documents` if the store cannot be reached, `document-missing` if it has not
   * what the row refers to.
   */
  read(held: string): Promise<string>;
}

/** All of them in their rows. */
export const inRows: StoredDocuments = {
  write: (text) => Promise.resolve(text),
  async read(held) {
    if (!isReference(held)) return held;
    throw new AppError(
      'documents',
      'a document is in an object store, and store.documents.s3 is not configured: keep it until all documents are moved back (store.documents.keep_in: database)',
    );
  },
};

export function isMissing(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'document-missing';
}
