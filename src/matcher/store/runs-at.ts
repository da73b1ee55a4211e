/** Loads the run of each feed that was the newest at a given time. */
import type { Session } from '../../db/database.ts';

export interface RunAt {
  readonly feed: number;
  readonly name: string;
  /** Number of the run; null: no stored run is that old. */
  readonly run: number | null;
  /** Time of the oldest stored run; null: none is stored. */
  readonly oldest: Date | null;
}

/** Returns the runs of the named feeds at `at`. */
export async function loadRunsAt(db: Session, feeds: readonly string[], at: Date): Promise<RunAt[]> {
  return await db.query<RunAt>({
    name: 'load-runs-at',
    text: `
      select f.id as feed, f.name,
        (select max(id) from feed_run where feed = f.id and date <= $2) as run,
        (select min(date) from feed_run where feed = f.id) as oldest
      from feed f
      where f.kind = 'vulnerability' and f.name = any ($1::text[])
      order by f.name`,
    values: [feeds, at],
  });
}
