/** When feeds were last asked, all of them. */
import type { Session } from '../../db/database.ts';

/** The oldest attempt of the sets and enrichers of these names that came to its end; undefined: one of them never did. */
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
