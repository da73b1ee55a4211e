/** Matches lookups with the advisories as they were after given runs. */
import type { Session, Statement } from '../../db/database.ts';
import { columnsOf, isStreamless, type MatchRow, ofModule, type ScopedLookup } from './match-all.ts';
import type { Snapshot } from './update-diff.ts';

/** Returns the same as `matchAll`, with the state of each feed after its run. Other feeds are omitted. */
export async function matchAt(
  db: Session,
  lookups: readonly ScopedLookup[],
  runs: readonly Snapshot[],
): Promise<MatchRow[]> {
  if (lookups.length === 0) return [];
  return await db.query<MatchRow>(matchAtStatement(lookups, runs));
}

const APPLIES = `
  (a.undecided or f.key is null or ((a.lo is null or a.lo <= f.key) and (a.hi is null or f.key < a.hi)))
  and ${ofModule('a.module', 'f.module')}
  and (a.arches is null or f.arch is null or f.arch = any (a.arches))
  and (not f.fixed_only or a.fixed_in_version <> '' or a.asserts_unaffected)`;

/** Returns the statement. Current advisories are matched as in `matchAll`; the few that ended since are found by their run. */
export function matchAtStatement(lookups: readonly ScopedLookup[], runs: readonly Snapshot[]): Statement {
  return {
    name: 'match-at',
    text: `
      with f as materialized (
        select scopes::int[] as scopes, name, kind, key, arch, module, fixed_only, ordinal::int - 1 as lookup
        from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::boolean[])
          with ordinality as f (scopes, name, kind, key, arch, module, fixed_only, ordinal)
      ), run as materialized (
        select * from unnest($8::int[], $9::bigint[]) as r (feed, id)
      ), closed as materialized (
        select a.* from run
        cross join lateral (
          select * from advisory where feed = run.feed and until_run > run.id and since_run <= run.id offset 0) a
      ), hit as (
        select f.lookup, f.key, f.module as own_module, a.*
        from f cross join lateral (
          select * from advisory a
          where a.scope = any (f.scopes) and a.name = f.name and a.kind = f.kind and a.until_run is null and ${APPLIES}
          offset 0) a
        join run on run.feed = a.feed and a.since_run <= run.id
        union all
        select f.lookup, f.key, f.module as own_module, a.*
        from f join closed a on a.name = f.name and a.kind = f.kind and a.scope = any (f.scopes) and ${APPLIES}
      )
      select lookup, id as advisory, asserts_unaffected, undecided or key is null as undecided,
        ${isStreamless('module', 'own_module')} as streamless,
        case when undecided or key is null then from_version end as from_version,
        case when undecided or key is null then below end as below,
        case when undecided or key is null then up_to end as up_to
      from hit`,
    values: [...columnsOf(lookups), runs.map(({ feed }) => feed), runs.map(({ id }) => id)],
  };
}
