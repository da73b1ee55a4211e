/** Keeps the planner from comparing whole lists of lookups, whose length it does not know. */
import type { Session } from '../../db/database.ts';

/**
 * Until the transaction ends tables are read by bitmaps of their indexes. To the planner a list of lookups costs as
 * much as a number: it would look through all manifests for each lookup while the store is small.
 */
export async function byIndexOnly(tx: Session): Promise<void> {
  await tx.query({ text: 'set local enable_seqscan = off; set local enable_indexscan = off' });
}
