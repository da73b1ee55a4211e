/** Follows the indexer: which manifests there are, and what is said of them. */
import type { Database } from '../../db/database.ts';
import type { IndexerClient } from '../matcher.ts';
import { saveManifest } from './store/save-manifests.ts';
import { loadState, saveState } from './store/state.ts';

const PAGE = 500;

export async function followManifests(
  db: Database,
  indexer: Pick<IndexerClient, 'manifests'>,
  now: () => Date,
  signal: AbortSignal,
): Promise<void> {
  const { manifests, queue } = await loadState(db);
  for (let after = manifests; ; ) {
    signal.throwIfAborted();
    const page = await indexer.manifests?.(after, PAGE);
    if (page === undefined) return;
    const known = await db.query<{ digest: string; version: string }>({
      name: 'console-known-versions',
      text: 'select digest, version from console_image where digest = any ($1::text[])',
      values: [page.changes.map(({ digest }) => digest)],
    });
    const versions = new Map(known.map(({ digest, version }) => [digest, version]));
    for (const change of page.changes) {
      if (versions.get(change.digest) === change.version) continue;
      if (change.gone && !versions.has(change.digest)) continue;
      signal.throwIfAborted();
      await db.transaction((tx) => saveManifest(tx, change, now()));
    }
    if (page.next === null) {
      const isSame = page.queue.waiting === queue?.waiting && page.queue.oldest === queue.oldest;
      if (page.resume !== manifests || !isSame)
        await saveState(db, { manifests: page.resume, queue: page.queue });
      return;
    }
    after = page.next;
  }
}
