/** What was open on each day. */
import type { Session } from '../../../db/database.ts';
import type { Trend } from '../../../model/api/console/types.ts';

export async function loadTrend(db: Session, days: number, now: Date): Promise<Trend> {
  const rows = await db.query<Trend['days'][number]>({
    name: 'console-trend',
    text: `
      select to_char(day, 'YYYY-MM-DD') as at, critical, high, medium, fixable, exploited, images, runs
      from console_day where day > ($2::timestamptz at time zone 'UTC')::date - $1::int order by day`,
    values: [days, now],
  });
  return { days: rows };
}
