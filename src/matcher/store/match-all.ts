/** Which advisories apply to which lookups: one statement for a whole image. */

import type { Lookup } from '../../contract/lookup.ts';
import type { Session, Statement } from '../../db/database.ts';
import { ANY_MODULE } from '../../model/advisory.ts';

/** `undecided`: no key on one side; the bounds are there to decide it by. */
export interface MatchRow {
  /** Position of the lookup. */
  readonly lookup: number;
  readonly advisory: number;
  /** It says that these versions are not affected. */
  readonly asserts_unaffected: boolean;
  readonly undecided: boolean;
  /** One side is of a stream of a module that is not told: what fits may be about another. */
  readonly streamless: boolean;
  readonly from_version: string | null;
  readonly below: string | null;
  readonly up_to: string | null;
}

export interface ScopedLookup extends Omit<Lookup, 'scope'> {
  /** Ids of the scopes whose advisories hold for it. */
  readonly scopes: readonly number[];
  readonly key: Buffer | undefined;
  /** What has no fix is left out. */
  readonly fixedOnly?: boolean;
}

/** The advisories that affect `lookups` now, and those of which only code can tell. */
export async function matchAll(db: Session, lookups: readonly ScopedLookup[]): Promise<MatchRow[]> {
  if (lookups.length === 0) return [];
  return await db.query<MatchRow>(matchStatement(lookups));
}

/**
 * Byte order is version order, so bounds are compared as they are stored. The lateral query with its `offset 0`
 * keeps the planner at one index look-up for each lookup, whatever it believes about the arrays.
 * An advisory for some architectures holds for a lookup that does not say its own: never silently safe.
 */
export function matchStatement(lookups: readonly ScopedLookup[]): Statement {
  return {
    name: 'match-all',
    text: `
      select f.ordinal::int - 1 as lookup, a.id as advisory, a.asserts_unaffected, a.undecided, a.streamless,
        case when a.undecided then a.from_version end as from_version,
        case when a.undecided then a.below end as below,
        case when a.undecided then a.up_to end as up_to
      from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::boolean[])
        with ordinality as f (scopes, name, kind, key, arch, module, fixed_only, ordinal)
      cross join lateral (
        select id, asserts_unaffected, undecided or f.key is null as undecided, ${isStreamless('module', 'f.module')} as streamless,
          from_version, below, up_to
        from advisory
        where scope = any (f.scopes::int[]) and name = f.name and kind = f.kind and until_run is null
          and (undecided or f.key is null or ((lo is null or lo <= f.key) and (hi is null or f.key < hi)))
          and ${ofModule('module', 'f.module')}
          and (arches is null or f.arch is null or f.arch = any (arches))
          and (not f.fixed_only or fixed_in_version <> '' or asserts_unaffected)
        offset 0
      ) a`,
    values: [...columnsOf(lookups)],
  };
}

/** SQL: whether both are of one stream of a module, or of none; a stream that is not told may be any. */
export function ofModule(advisory: string, lookup: string): string {
  const mayBe = (one: string, other: string) => `(${one} = '${ANY_MODULE}' and ${other} <> '')`;
  return `(${advisory} = ${lookup} or ${mayBe(advisory, lookup)} or ${mayBe(lookup, advisory)})`;
}

/** SQL: whether one of them is of a stream that is not told. */
export function isStreamless(advisory: string, lookup: string): string {
  return `'${ANY_MODULE}' in (${advisory}, ${lookup})`;
}

/** Findings as the columns that a statement takes them in: $1 to $7, a row for each lookup. */
export function columnsOf(lookups: readonly ScopedLookup[]): unknown[] {
  return [
    lookups.map(({ scopes }) => `{${scopes.join(',')}}`),
    lookups.map(({ name }) => name),
    lookups.map(({ kind }) => kind),
    lookups.map(({ key }) => key),
    lookups.map(({ arch }) => arch || undefined),
    lookups.map(({ module }) => module ?? ''),
    lookups.map(({ fixedOnly = false }) => fixedOnly),
  ];
}
