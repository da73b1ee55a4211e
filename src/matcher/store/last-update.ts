/** Loads the time at which all feeds had been requested. */
import type { Session } from '../../db/database.ts';

/** Returns the oldest completed attempt of the named sets and enrichers; undefined if one has none. */
export async function loadLastUpdate(
  db: Session,
  sets: readonly string[],
  enrichers: readonly string[],
): Promise<Date | undefined> {
  const [row] = await db.query<{ at: Date | null }>({
    name: 'load-last-update',
    text: `
      select case when bool_and(at is not null) then min(at) end as at
      from (
        select s.last_attempt as at from unnest($1::text[]) as wanted (name) left join feed_set s using (name)
        union all
        select f.last_attempt from unnest($2::text[]) as wanted (name)
          left join feed f on f.kind = 'enrichment' and f.name = wanted.name
      ) as attempts`,
    values: [sets, enrichers],
  });
  return row?.at ?? undefined;
}
