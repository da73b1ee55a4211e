/** Decisions end by time, and when a fix is there: what they closed is open again. */
import type { Database } from '../../../db/database.ts';

/** Images with a finding of one of the vulnerabilities in $1, or that the decisions in $2 are about. */
export const MARK_UNDECIDED = `
  update console_image i set undecided = true
  where i.id in (
    select c.image from console_content c
    where c.findings && (
      select coalesce(array_agg(f.id), '{}') from console_finding f join console_cve v on v.id = f.cve
      where v.name = any ($1::text[]))
    union
    select d.image from console_decided d where d.decision = any ($2::bigint[]))`;

export async function decideExpired(db: Database, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const rows = await tx.query<{ id: number; cve: string }>({
      name: 'console-expire',
      text: `
        update decision set expired = not expired
        where not withdrawn and expired <> (until is not null and until < ($1::timestamptz at time zone 'UTC')::date)
        returning id, cve`,
      values: [now],
    });
    if (rows.length === 0) return;
    await tx.query({
      name: 'console-mark-undecided',
      text: MARK_UNDECIDED,
      values: [rows.map(({ cve }) => cve), rows.map(({ id }) => id)],
    });
  });
}

/** Counts what each decision is about. */
export async function countDecisions(db: Database): Promise<void> {
  await db.query({
    name: 'console-count-decisions',
    text: `
      update decision d set findings = coalesce(n.findings, 0), images = coalesce(n.images, 0)
      from decision o
      left join (
        select decision, count(*)::int as findings, count(distinct image)::int as images
        from console_decided group by decision
      ) n on n.decision = o.id
      where o.id = d.id and (d.findings, d.images) is distinct from (coalesce(n.findings, 0), coalesce(n.images, 0))`,
  });
}
