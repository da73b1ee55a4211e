/** Queues an image of a registry. */
import type { Database } from '../../../db/database.ts';
import type { NewPull } from '../pull.ts';

/** Pulls that may wait. */
const MAX_WAITING = 100_000;

/** One that waits already is due now; one that is worked on is looked at again when that has ended. False: too many wait. */
export async function addPull(
  db: Database,
  { key, source, request, credentials }: NewPull,
  most = MAX_WAITING,
): Promise<boolean> {
  const rows = await db.query({
    name: 'add-registry-pull',
    text: `
      insert into registry_pull as p (key, source, request, credentials)
      select $1, $2, $3, $4
      where (select count(*) from (select from registry_pull where ended is null limit $5) waiting) < $5
      on conflict (key) do update
      set due = case when p.owner is null then least(p.due, now()) else p.due end, again = p.owner is not null
      returning id`,
    values: [key, JSON.stringify(source), request ?? null, credentials ?? null, most],
  });
  return rows.length > 0;
}
