/** Writes the runs that changed a feed's rows: Clair's update operations. */
import type { Session } from '../../db/database.ts';

/** Returns the number of a new run. `saveRun` stores it if it changed anything. */
export async function reserveRun(tx: Session): Promise<number> {
  const [row] = await tx.query<{ id: number }>({
    name: 'reserve-run',
    text: `select nextval(pg_get_serial_sequence('feed_run', 'id')) as id`,
  });
  return row!.id;
}

export interface FeedRun {
  readonly id: number;
  readonly feed: number;
  readonly fingerprint: string;
  readonly changed: boolean;
}

/**
 * Stores a run that changed something, the first run of a feed, or a run after which rows exist that no stored run has, because
 * that one was deleted.
 */
export async function saveRun(tx: Session, { id, feed, fingerprint, changed }: FeedRun): Promise<void> {
  await tx.query({
    name: 'save-run',
    text: `
      insert into feed_run (id, feed, fingerprint)
      select $1, $2, $3
      where $4 or not exists (select from feed_run where feed = $2)
        or exists (select from advisory where feed = $2 and since_run > (select max(id) from feed_run where feed = $2))
        or exists (select from advisory where feed = $2 and until_run > (select max(id) from feed_run where feed = $2))`,
    values: [id, feed, fingerprint, changed],
  });
}
