/** Where the indexer of this process keeps its documents. */
import { readFile } from 'node:fs/promises';
import type { Config } from '../config/schema.ts';
import type { Database } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import { inRows, type StoredDocuments } from '../indexer/documents/documents.ts';
import { moveDocuments } from '../indexer/documents/move-documents.ts';
import { objectDocuments } from '../indexer/documents/object-documents.ts';
import { s3Objects } from '../indexer/documents/s3-objects.ts';
import { sweepDocuments } from '../indexer/documents/sweep-documents.ts';
import { measuredObjects, tellDocuments } from '../introspection/metrics/measured-documents.ts';
import type { Log } from '../lib/log.ts';
import { repeat } from '../lib/repeat.ts';
import type { PartContext } from './part.ts';

/** ms between two sweeps, and after one that failed. */
const SWEEP = { next: 10 * 60_000, failed: 60_000 };
/** ms between two looks for documents that are in the wrong place: after an interruption there are some, and then none. */
const MOVE = { next: 60 * 60_000, failed: 60_000 };

export interface OpenDocuments extends AsyncDisposable {
  readonly documents: StoredDocuments;
  /** Sweeps and moves until `signal` is aborted; never throws. */
  run(signal: AbortSignal): Promise<void>;
}

export async function openDocuments(
  settings: NonNullable<Config['store']>['documents'],
  db: Database,
  { log, metrics }: Pick<PartContext, 'log' | 'metrics'>,
): Promise<OpenDocuments> {
  if (settings == null)
    return { documents: inRows, run: async () => {}, [Symbol.asyncDispose]: async () => {} };
  const { s3, keep_in: keepIn, grace } = settings;
  const root_ca = s3.root_ca && (await readFile(s3.root_ca, 'utf8'));
  const store = await s3Objects({ ...s3, endpoint: s3.endpoint || undefined, root_ca });
  const objects = measuredObjects(store, metrics);
  const documents = objectDocuments({ db, objects, keepIn });
  tellDocuments(db, metrics);
  return {
    documents,
    async run(signal) {
      await Promise.all([
        repeat(
          signal,
          undefined,
          failed(log, 'unused documents could not be swept', SWEEP.failed),
          async () => {
            const deleted = await sweepDocuments(db, objects, { grace, signal });
            if (deleted) log.info('documents swept', { deleted });
            return SWEEP.next;
          },
        ),
        repeat(signal, undefined, failed(log, 'documents could not be moved', MOVE.failed), async () => {
          const moved = await moveDocuments({ db, documents, keepIn, log }, signal);
          if (moved) log.info('documents moved', { moved, to: keepIn });
          return MOVE.next;
        }),
      ]);
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function failed(log: Log, what: string, wait: number): (error: unknown) => number {
  return (error) => {
    log.warn(what, { reason: messageOf(error) });
    return wait;
  };
}
