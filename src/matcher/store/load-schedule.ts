/** Loads the schedules of sets and enrichers. */
import type { Session } from '../../db/database.ts';
import type { Schedule } from './feed-schedule.ts';

export interface SetSchedule {
  /** Schedule of the list of its feeds; undefined: the set was never listed. */
  readonly list: Schedule | undefined;
  /** Schedules of its feeds that are still listed. */
  readonly feeds: readonly Schedule[];
}

/** Returns the schedule of `set`. `askedWith` is its configuration: a list that was requested with another one is due. */
export async function loadSchedule(db: Session, set: string, askedWith: string): Promise<SetSchedule> {
  const rows = await db.query<Schedule & { is_list: boolean }>({
    name: 'load-schedule',
    text: `
      select true as is_list, last_attempt, case when asked_with = $2 then next_try end as next_try, failures
      from feed_set where name = $1
      union all
      select false, last_attempt, next_try, failures from feed where feed_set = $1 and vanished_at is null`,
    values: [set, askedWith],
  });
  return { list: rows.find(({ is_list }) => is_list), feeds: rows.filter(({ is_list }) => !is_list) };
}

/** Returns those of `sets` whose feeds were neither listed and requested completely nor failed. */
export async function loadUnlisted(db: Session, sets: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ name: string }>({
    name: 'load-unlisted',
    text: `
      select wanted.name from unnest($1::text[]) as wanted (name)
      where not exists (select from feed_set s where s.name = wanted.name and s.last_attempt is not null)`,
    values: [sets],
  });
  return rows.map(({ name }) => name);
}

/** Returns the sets of the named feeds and enrichers; unknown names are omitted. */
export async function loadSetsOf(db: Session, feeds: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ set: string }>({
    name: 'load-sets-of',
    text: 'select distinct feed_set as set from feed where name = any ($1::text[])',
    values: [feeds],
  });
  return rows.map(({ set }) => set);
}
