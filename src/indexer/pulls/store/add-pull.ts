/** Queues an image of a registry. */
import type { Database } from '../../../db/database.ts';
import type { NewPull } from '../pull.ts';

/** One that waits already is due now; one that is worked on is looked at again when that has ended. */
export async function addPull(db: Database, { key, source, request, credentials }: NewPull): Promise<void> {
  await db.query({
    name: 'add-registry-pull',
    text: `
      insert into registry_pull as p (key, source, request, credentials) values ($1, $2, $3, $4)
      on conflict (key) do update
      set due = case when p.owner is null then least(p.due, now()) else p.due end, again = p.owner is not null`,
    values: [key, JSON.stringify(source), request ?? null, credentials ?? null],
  });
}

/** How many wait or are worked on. */
export async function countPulls(db: Database): Promise<number> {
  const [row] = await db.query<{ n: number }>({
    name: 'count-registry-pulls',
    text: 'select count(*)::int as n from registry_pull where ended is null',
  });
  return row?.n ?? 0;
}
