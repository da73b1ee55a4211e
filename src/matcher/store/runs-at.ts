/** Which run of each feed was the newest at some time. */
import type { Session } from '../../db/database.ts';

export interface RunAt {
  readonly feed: number;
  readonly name: string;
  /** null: none that is kept is so old. */
  readonly run: number | null;
  /** Of the oldest that is kept; null: there is none. */
  readonly oldest: Date | null;
}

/** Of the named feeds of advisories. */
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
