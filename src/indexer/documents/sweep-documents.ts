/** Deletes documents to which no row refers any more from a store of objects: in pages, one replica at a time. */
import type { Database } from '../../db/database.ts';
import { each } from './each.ts';
import { keyOf } from './object-documents.ts';
import type { ObjectStore } from './object-store.ts';
import { condemn, forgetDocuments, loadLoose } from './store.ts';

const PAGE = 500;

/**
 * Returns how many are deleted; undefined: another replica is at it. `grace`: ms that a document has stood alone, in which
 * its row may still be written.
 */
export async function sweepDocuments(
  db: Database,
  objects: Pick<ObjectStore, 'delete'>,
  { grace, signal }: { readonly grace: number; readonly signal: AbortSignal },
): Promise<number | undefined> {
  await using lock = await db.tryLock('documents');
  if (lock === undefined) return undefined;
  const stop = AbortSignal.any([signal, lock.signal]);
  for (let deleted = 0; ; ) {
    stop.throwIfAborted();
    const page = await loadLoose(db, grace, PAGE);
    if (page.length === 0) return deleted;
    const condemned = await condemn(db, page, grace);
    await each(condemned, (digest) => objects.delete(keyOf(digest)), stop);
    await forgetDocuments(db, condemned);
    deleted += condemned.length;
  }
}
