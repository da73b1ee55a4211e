/** Decisions as they are stored, and as the API has them. */
import type { Session } from '../../../db/database.ts';
import type { Decision } from '../../../model/api/console/types.ts';

export interface DecisionRow {
  readonly id: number;
  readonly revision: number;
  readonly cve: string;
  readonly type: string | null;
  readonly source: string | null;
  readonly scope: 'all' | 'label' | 'repository' | 'image';
  readonly scope_value: string;
  readonly status: Decision['status'];
  readonly justification: string | null;
  readonly reason: string;
  readonly until: string | null;
  readonly until_fix: boolean;
  readonly made_by: string;
  readonly changed: Date;
  readonly origin: 'console' | 'vex';
  readonly findings: number;
  readonly images: number;
  readonly state: Decision['state'];
}

/** Columns of a `DecisionRow`, of a `decision` that is called `d`; `now`: the parameter that says when. */
export const decisionColumns = (now: string): string => `
  d.id, d.revision, d.cve, d.type, d.source, d.scope, d.scope_value, d.status, d.justification, d.reason,
  to_char(d.until, 'YYYY-MM-DD') as until, d.until_fix, d.made_by, d.changed, d.origin, d.findings, d.images,
  ${stateSql(now)} as state`;

export function stateSql(now: string): string {
  const today = `(${now}::timestamptz at time zone 'UTC')::date`;
  return `
    case when d.withdrawn then 'withdrawn' when d.until < ${today} then 'expired' when d.findings = 0 then 'unused'
      when d.until < ${today} + 7 then 'expiring' else 'holding' end`;
}

export async function loadDecision(
  db: Session,
  id: string,
  now: Date,
  lock = false,
): Promise<DecisionRow | undefined> {
  const [row] = await db.query<DecisionRow>({
    text: `select ${decisionColumns('$2')} from decision d where d.id = $1::bigint${lock ? ' for update' : ''}`,
    values: [id, now],
  });
  return row;
}

export function decisionToWire(row: DecisionRow): Decision {
  const { scope, scope_value: value } = row;
  return {
    id: String(row.id),
    revision: row.revision,
    cve: row.cve,
    package: row.source === null ? null : { type: row.type ?? '', source: row.source },
    scope: scope === 'all' ? {} : { [scope]: value },
    status: row.status,
    justification: row.justification as Decision['justification'],
    reason: row.reason,
    until: row.until,
    until_fix: row.until_fix,
    by: row.made_by,
    at: row.changed.toISOString(),
    source: row.origin,
    state: row.state,
    findings: row.findings,
    images: row.images,
  };
}
