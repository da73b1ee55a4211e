/** The severity of a vulnerability is the highest of the findings that images have: it falls when the last of those is gone. */
import type { Session } from '../../../db/database.ts';

/** Vulnerabilities at a time: each is looked for in all images. */
const AT_ONCE = 50;

/** Looks up severities that may have fallen; gives of how many it did. */
export async function lowerSeverities(db: Session): Promise<number> {
  const rows = await db.query({
    name: 'console-lower-severities',
    text: `
      update console_cve c set severity_due = false, severity = coalesce(
        (
          select f.severity
          from (
            select severity, array_agg(id) as ids from console_finding where cve = c.id group by severity
          ) f
          where exists (select from console_content k where k.findings && f.ids)
          order by f.severity desc limit 1
        ), c.severity)
      where c.id in (select id from console_cve where severity_due order by id limit ${AT_ONCE})
      returning 1`,
  });
  return rows.length;
}
