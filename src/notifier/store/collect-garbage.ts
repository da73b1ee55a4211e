/** Deletes processed and old notification sets in small steps. */
import type { Session } from '../../db/database.ts';

/** Rows per statement: others wait briefly. */
const BATCH = 5000;

export interface GarbageOptions {
  /** Sets that ended before this time are old. */
  readonly before: Date;
  /** Names of the configured transports: deliveries of others are never made. */
  readonly targets: readonly string[];
  readonly signal: AbortSignal;
  readonly batch?: number;
}

/** Returns the number of deleted sets. Processed runs stay recorded: nothing is notified again. */
export async function collectGarbage(db: Session, options: GarbageOptions): Promise<number> {
  const { signal, batch = BATCH } = options;
  await markForgotten(db, options);
  let gone = 0;
  while (!signal.aborted) {
    const [set] = await db.query<{ id: string }>({
      name: 'next-forgotten',
      text: 'select id from notification where forgotten order by id limit 1',
    });
    if (set === undefined) break;
    for (const table of ['notification_item', 'notification_vulnerability'] as const) {
      for (let count = batch; count === batch && !signal.aborted; ) {
        count = await deleteRows(db, table, set.id, batch);
      }
    }
    if (signal.aborted) break;
    await db.query({
      name: 'delete-forgotten',
      text: 'delete from notification where id = $1',
      values: [set.id],
    });
    gone++;
  }
  return gone;
}

/** Marks sets as deleted: clients no longer see them. */
async function markForgotten(db: Session, { before, targets }: GarbageOptions): Promise<void> {
  await db.query({
    name: 'mark-forgotten',
    text: `
      update notification n set forgotten = true
      where not forgotten and (deleted is not null or created < $1) and not exists (
        select from notification_delivery d
        where d.notification = n.id and (
          (d.state = 'waiting' and (n.created >= $1 or d.target = any ($2::text[])))
          or (n.deleted is null and d.ended >= $1)))`,
    values: [before, targets],
  });
}

async function deleteRows(db: Session, table: string, set: string, batch: number): Promise<number> {
  const [row] = await db.query<{ gone: number }>({
    name: `delete-${table}`,
    text: `
      with gone as (
        delete from ${table} where ctid = any (array(
          select ctid from ${table} where notification = $1 limit ${batch}))
        returning 1)
      select count(*) as gone from gone`,
    values: [set],
  });
  return row!.gone;
}
