/** How long the queue of registry images is. */
import type { Database } from '../../../db/database.ts';
import type { PullDepth } from '../pull.ts';

export async function loadPullDepth(db: Database): Promise<PullDepth> {
  const [row] = await db.query<PullDepth>({
    name: 'registry-pull-depth',
    text: `
      select (select count(*) from registry_pull where ended is null)::float8 as waiting,
        coalesce((
          select extract(epoch from now() - due) from registry_pull
          where ended is null and due <= now() order by due limit 1), 0)::float8 as "oldestSeconds"`,
  });
  return row ?? { waiting: 0, oldestSeconds: 0 };
}
