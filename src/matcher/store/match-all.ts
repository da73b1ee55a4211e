/** Which advisories apply to which findings: one statement for a whole image. */
import type { Session, Statement } from '../../db/database.ts';
import type { Finding } from '../../ecosystems/contract.ts';

/** `undecided`: no key on one side; the bounds are there to decide it by. */
export interface MatchRow {
  /** Position of the finding. */
  readonly finding: number;
  readonly advisory: number;
  readonly undecided: boolean;
  readonly from_version: string | null;
  readonly below: string | null;
  readonly up_to: string | null;
}

export interface KeyedFinding extends Finding {
  readonly key: Buffer | undefined;
}

/** The advisories that affect `findings` now, and those of which only code can tell. */
export async function matchAll(db: Session, findings: readonly KeyedFinding[]): Promise<MatchRow[]> {
  if (findings.length === 0) return [];
  return await db.query<MatchRow>(matchStatement(findings));
}

/**
 * Byte order is version order, so bounds are compared as they are stored. The lateral query with its `offset 0`
 * keeps the planner at one index look-up for each finding, whatever it believes about the arrays.
 * An advisory for some architectures holds for a finding that does not say its own: never silently safe.
 */
export function matchStatement(findings: readonly KeyedFinding[]): Statement {
  return {
    name: 'match-all',
    text: `
      select f.ordinal::int - 1 as finding, a.id as advisory, a.undecided,
        case when a.undecided then a.from_version end as from_version,
        case when a.undecided then a.below end as below,
        case when a.undecided then a.up_to end as up_to
      from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[])
        with ordinality as f (scope, name, kind, key, arch, module, ordinal)
      join scope s on s.key = f.scope
      cross join lateral (
        select id, undecided or f.key is null as undecided, from_version, below, up_to
        from advisory
        where scope = s.id and name = f.name and kind = f.kind and until_run is null
          and (undecided or f.key is null or ((lo is null or lo <= f.key) and (hi is null or f.key < hi)))
          and module = f.module
          and (arches is null or f.arch is null or f.arch = any (arches))
        offset 0
      ) a`,
    values: [
      findings.map(({ scope }) => scope),
      findings.map(({ name }) => name),
      findings.map(({ kind }) => kind),
      findings.map(({ key }) => key),
      findings.map(({ arch }) => arch || undefined),
      findings.map(({ module }) => module ?? ''),
    ],
  };
}
