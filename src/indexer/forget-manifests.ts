/** Deletes manifests with all that is known of them. */
import type { Database } from '../db/database.ts';
import type { Digest } from '../model/digest.ts';
import { deleteManifests } from './store/delete-manifests.ts';

/**
 * Returns those that were known. One that is being indexed stays: what its indexer stores next would belong to no
 * manifest.
 */
export async function forgetManifests(db: Database, digests: readonly Digest[]): Promise<Digest[]> {
  const deleted: Digest[] = [];
  for (const digest of new Set(digests)) {
    await using lock = await db.tryLock(digest);
    if (lock === undefined) continue;
    deleted.push(...(await db.transaction((tx) => deleteManifests(tx, [digest]))));
  }
  return deleted;
}
