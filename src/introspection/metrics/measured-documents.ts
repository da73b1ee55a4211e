/** The store of documents, telling how long its requests take, and what is kept there. */
import type { Session } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { ObjectStore } from '../../indexer/documents/object-store.ts';
import { countDocuments } from '../../indexer/documents/store.ts';
import { FINE_BUCKETS } from './clair-names.ts';
import { lately } from './lately.ts';
import type { Metrics } from './registry.ts';

/** Requests with their time, by what came of them. */
export function measuredObjects(objects: ObjectStore, metrics: Metrics): ObjectStore {
  async function told<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    let outcome = 'ok';
    try {
      return await work();
    } catch (error) {
      outcome = error instanceof AppError ? error.code : 'internal-error';
      throw error;
    } finally {
      const help = 'Duration of requests to the document store';
      const seconds = (performance.now() - start) / 1000;
      metrics.observe('clair_documents_request_duration_seconds', help, FINE_BUCKETS, seconds, {
        operation,
        outcome,
      });
    }
  }
  return {
    place: objects.place,
    put: (key, bytes) => told('put', () => objects.put(key, bytes)),
    get: (key, limit) => told('get', () => objects.get(key, limit)),
    delete: (key) => told('delete', () => objects.delete(key)),
  };
}

/** How many documents are in the store, as far as its tables tell. */
export function tellDocuments(db: Session, metrics: Metrics): void {
  const count = lately<number | undefined>(() => countDocuments(db), undefined);
  metrics.onScrape(async () => {
    const known = await count();
    const help = 'Documents in the object store (estimated)';
    if (known !== undefined) metrics.gauge('clair_documents', help, known);
  });
}
