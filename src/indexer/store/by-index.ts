/** A planner setting for statements that compare lists of lookups, whose length the planner does not know. */
import type { Session } from '../../db/database.ts';

/**
 * Limits the planner to bitmap scans of indexes until the transaction ends. It estimates a list of lookups like one number,
 * and would scan all manifests for each lookup while the store is small.
 */
export async function byIndexOnly(tx: Session): Promise<void> {
  await tx.query({ text: 'set local enable_seqscan = off; set local enable_indexscan = off' });
}
