/** All findings of an image: a report has hundreds of them, thousands at most. */
import type { Session } from '../../../db/database.ts';
import { SEVERITIES, type Severity } from '../../../model/severity.ts';
import type { LinkedState } from '../../findings/linked.ts';

interface FindingColumns {
  readonly id: number;
  readonly place: number;
  readonly cve: string;
  readonly aliases: readonly string[];
  readonly title: string;
  readonly severity: number;
  readonly severity_source: string | null;
  readonly cvss: number | null;
  readonly cvss_vector: string | null;
  readonly cvss_source: string | null;
  readonly epss: number | null;
  readonly exploited: boolean;
  readonly fixes: readonly string[];
  readonly undecided: boolean;
  readonly feed: string | null;
  readonly linked: LinkedState | null;
  readonly risk: number;
  readonly since: Date;
  readonly type: string;
  readonly source: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string | null;
  readonly decision: AppliedRow | null;
  readonly closes: boolean;
}

/** As the database makes JSON of it. */
export interface AppliedRow {
  readonly id: number;
  readonly status: 'affected' | 'accepted' | 'not_affected' | 'under_investigation';
  readonly justification: string | null;
  readonly reason: string;
  readonly until: string | null;
  readonly by: string;
  readonly at: string;
}

export interface LoadedFinding extends Omit<FindingColumns, 'severity'> {
  readonly severity: Severity;
}

/** JSON of a decision `d`. */
export const APPLIED = `
  json_build_object('id', d.id, 'status', d.status, 'justification', d.justification, 'reason', d.reason, 'until', d.until,
    'by', d.made_by, 'at', d.changed)`;

/** `ids`: those of another time than now; their places are not known. */
export async function loadFindings(
  db: Session,
  image: number,
  ids?: readonly number[],
): Promise<LoadedFinding[]> {
  const own =
    ids === undefined
      ? `(select t.id, t.place from console_content c
          cross join lateral unnest(c.findings, c.finding_places) as t (id, place) where c.image = $1)`
      : `(select id, -1 as place from unnest($2::int[]) as t (id))`;
  const rows = await db.query<FindingColumns>({
    name: ids === undefined ? 'console-load-image-findings' : 'console-load-old-findings',
    text: `
      select f.id, own.place, v.name as cve, v.aliases, v.title, f.severity, f.severity_source, v.cvss::float8 as cvss,
        v.cvss_vector, v.cvss_source, v.epss::float8 as epss, v.exploited, f.fixes, f.undecided, f.feed, f.linked,
        (f.impact * v.likelihood)::float8 as risk, f.since, p.type, p.name as source, m.name, m.version, m.purl,
        case when d.id is not null then ${APPLIED} end as decision, coalesce(e.closes, false) as closes
      from ${own} own
      join console_finding f on f.id = own.id
      join console_cve v on v.id = f.cve
      join console_package p on p.id = f.package
      join console_component m on m.id = f.component
      left join console_decided e on e.image = $1 and e.finding = f.id
      left join decision d on d.id = e.decision`,
    values: ids === undefined ? [image] : [image, ids],
  });
  return rows.map((row) => ({ ...row, severity: SEVERITIES[row.severity] ?? 'Unknown' }));
}
