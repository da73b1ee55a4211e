/** What is open on each day, and what is forgotten in time. */
import type { Session } from '../../../db/database.ts';

/** Counts today; a day is what was counted in it last. */
export async function saveDay(db: Session, now: Date): Promise<void> {
  await db.query({
    name: 'console-save-day',
    text: `
      insert into console_day (day, critical, high, medium, fixable, exploited, images, runs)
      select ($1::timestamptz at time zone 'UTC')::date, coalesce(sum(critical), 0), coalesce(sum(high), 0),
        coalesce(sum(medium), 0), coalesce(sum(fixable), 0), coalesce(sum(exploited), 0), count(*),
        (select count(*) from feed_run r
          where r.date >= date_trunc('day', $1::timestamptz at time zone 'UTC') at time zone 'UTC')
      from console_image where newest
      on conflict (day) do update set critical = excluded.critical, high = excluded.high, medium = excluded.medium,
        fixable = excluded.fixable, exploited = excluded.exploited, images = excluded.images, runs = excluded.runs`,
    values: [now],
  });
}

/** Days for which it is kept what changed in images. */
export const HISTORY_DAYS = 90;
const TREND_DAYS = 400;
/** Findings at a time: each has to be looked for in all images. */
const AT_ONCE = 2000;

/** Deletes changes and days that are too old, and findings that neither an image has nor a change names. */
export async function deleteOld(db: Session, now: Date): Promise<void> {
  await db.query({
    name: 'console-delete-old-changes',
    text: `delete from console_change where at < $1::timestamptz - interval '${HISTORY_DAYS} days'`,
    values: [now],
  });
  await db.query({
    name: 'console-delete-old-days',
    text: `delete from console_day where day < ($1::timestamptz)::date - ${TREND_DAYS}`,
    values: [now],
  });
  await db.query({
    name: 'console-delete-old-findings',
    text: `
      with named as materialized (
        select unnest(came || went) as id from console_change where cause = 'feed'
      ), old as (
        select f.id from console_finding f
        where not exists (select from console_content c where c.findings @> array[f.id])
          and f.id not in (select id from named)
        limit ${AT_ONCE}
      )
      delete from console_finding f using old where f.id = old.id`,
  });
}
