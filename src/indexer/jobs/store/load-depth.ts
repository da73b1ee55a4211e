/** How long the queue is. */
import type { Database } from '../../../db/database.ts';
import type { QueueDepth } from '../job.ts';

export async function loadDepth(db: Database): Promise<QueueDepth> {
  // Each by an index of its own: a million rows with their layers are not to be read for that.
  const [row] = await db.query<QueueDepth>({
    name: 'index-job-depth',
    text: `
      select (all_jobs.n - running.n)::float8 as waiting, running.n::float8 as running,
        coalesce((select extract(epoch from now() - due) from index_job where due <= now() order by due limit 1), 0)::float8
          as "oldestSeconds"
      from (select count(*) as n from index_job) all_jobs,
        (select count(owner) as n from index_job where owner is not null) running`,
  });
  return row ?? { waiting: 0, running: 0, oldestSeconds: 0 };
}
