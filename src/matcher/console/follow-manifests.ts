/** Follows the indexer: which manifests there are, and what is said of them. */
import type { Database } from '../../db/database.ts';
import type { IndexerClient } from '../matcher.ts';
import type { ManifestChanges } from './manifest-changes.ts';
import { saveManifest } from './store/save-manifests.ts';
import { loadState, saveState } from './store/state.ts';

const PAGE = 500;

/** Gives what waits to be indexed; undefined: the indexer keeps no list. */
export async function followManifests(
  db: Database,
  indexer: Pick<IndexerClient, 'manifests'>,
  now: () => Date,
  signal: AbortSignal,
): Promise<ManifestChanges['queue'] | undefined> {
  const { manifests } = await loadState(db);
  for (let after = manifests; ; ) {
    signal.throwIfAborted();
    const page = await indexer.manifests?.(after, PAGE);
    if (page === undefined) return undefined;
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
      if (page.resume !== manifests) await saveState(db, { manifests: page.resume });
      return page.queue;
    }
    after = page.next;
  }
}
