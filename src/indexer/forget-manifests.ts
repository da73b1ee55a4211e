/** Deletes manifests with their reports. */
import type { Database } from '../db/database.ts';
import type { Digest } from '../model/digest.ts';
import { deleteManifest } from './store/delete-manifests.ts';

/**
 * Returns those that were known. One that is being indexed stays: what its indexer stores next would belong to no
 * manifest.
 */
export async function forgetManifests(db: Database, digests: readonly Digest[]): Promise<Digest[]> {
  const deleted: Digest[] = [];
  for (const digest of new Set(digests)) {
    await using lock = await db.tryLock(digest);
    if (lock === undefined) continue;
    if (await deleteManifest(db, digest)) deleted.push(digest);
  }
  return deleted;
}
