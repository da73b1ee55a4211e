/** Lists decisions, and what was done with each. */
import type { Session } from '../../../db/database.ts';
import { AppError } from '../../../errors.ts';
import type { DecisionHistory, Decisions } from '../../../model/api/console/types.ts';
import { COUNT_LIMIT, type Cursor, pageOf, pageSql, type Sorting, totalOf } from '../paging.ts';
import { type DecisionRow, decisionColumns, decisionToWire, stateSql } from './row.ts';

export const DECISION_KEYS: Readonly<Record<string, Omit<Sorting, 'descending'>>> = {
  until: { key: `coalesce(to_char(d.until, 'YYYY-MM-DD'), '9999')`, type: 'text' },
  at: { key: 'd.changed', type: 'timestamptz' },
  cve: { key: 'd.cve', type: 'text' },
};

export interface DecisionFilter {
  readonly state?: string | undefined;
  readonly cve?: string | undefined;
  readonly image?: string | undefined;
  readonly by?: string | undefined;
}

export async function listDecisions(
  db: Session,
  filter: DecisionFilter,
  sorting: Sorting,
  { limit, after, now }: { readonly limit: number; readonly after: Cursor | undefined; readonly now: Date },
): Promise<Decisions> {
  const filters = `
    (case when $2::text is null then not d.withdrawn else ${stateSql('$1')} = $2 end)
    and ($3::text is null or d.cve = $3 or d.cve in (select name from console_cve where aliases @> array[$3]))
    and ($4::text is null or d.id in (
      select e.decision from console_decided e join console_image i on i.id = e.image where i.digest = $4))
    and ($5::text is null or d.made_by = $5)`;
  const values = [now, filter.state ?? null, filter.cve ?? null, filter.image ?? null, filter.by ?? null];
  const { where, order } = pageSql(sorting, 'd.id', 6);
  const key = sorting.type === 'timestamptz' ? `to_json(${sorting.key}) #>> '{}'` : sorting.key;
  const rows = await db.query<DecisionRow & { key: string | number }>({
    text: `
      select ${decisionColumns('$1')}, ${key} as key from decision d
      where ${filters} and ${where.replace('::int)', '::bigint)')} order by ${order} limit $8`,
    values: [...values, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  });
  const [count] = await db.query<{ count: number }>({
    text: `select count(*)::int as count from (select from decision d where ${filters} limit ${COUNT_LIMIT}) n`,
    values,
  });
  const states = await db.query<{ state: string; count: number }>({
    name: 'console-count-decision-states',
    text: `select ${stateSql('$1')} as state, count(*)::int as count from decision d group by 1`,
    values: [now],
  });
  const { page, next } = pageOf(rows, limit);
  return {
    total: totalOf(count!.count),
    next,
    counts: Object.fromEntries(states.map(({ state, count: n }) => [state, n])),
    decisions: page.map(decisionToWire),
  };
}

/** Throws `not-found`. */
export async function decisionHistory(db: Session, id: string): Promise<DecisionHistory> {
  const rows = await db.query<{
    revision: number;
    action: DecisionHistory['changes'][number]['action'];
    made_by: string;
    address: string | null;
    at: Date;
    before: unknown;
    after: unknown;
  }>({
    name: 'console-decision-history',
    text: `
      select revision, action, made_by, address, at, before, after from decision_event
      where decision = $1::bigint order by id desc limit 1000`,
    values: [id],
  });
  if (rows.length === 0) throw new AppError('not-found', `there is no decision ${id}`);
  return {
    changes: rows.map(({ made_by: by, address: from, at, ...row }) => ({
      ...row,
      by,
      from,
      at: at.toISOString(),
    })),
  };
}
