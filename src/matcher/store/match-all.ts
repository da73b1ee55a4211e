/** Matches the lookups of an image with the current advisories, in one statement. */

import type { Lookup } from '../../contract/lookup.ts';
import type { Session, Statement } from '../../db/database.ts';
import { ANY_MODULE } from '../../model/advisory.ts';

/** A match. `undecided`: one side has no key, and the ecosystem compares the version with the bounds. */
export interface MatchRow {
  /** Position of the lookup in the input. */
  readonly lookup: number;
  readonly advisory: number;
  /** The advisory states that these versions are not affected. */
  readonly asserts_unaffected: boolean;
  readonly undecided: boolean;
  /** One side belongs to an unknown module stream: the advisory can be about another stream. */
  readonly streamless: boolean;
  readonly from_version: string | null;
  readonly below: string | null;
  readonly up_to: string | null;
}

export interface ScopedLookup extends Omit<Lookup, 'scope'> {
  /** Ids of the scopes whose advisories cover it. */
  readonly scopes: readonly number[];
  readonly key: Buffer | undefined;
  /** Whether advisories without a fix are omitted. */
  readonly fixedOnly?: boolean;
}

/** Returns the current advisories that affect `lookups`, and those that the ecosystem must decide. */
export async function matchAll(db: Session, lookups: readonly ScopedLookup[]): Promise<MatchRow[]> {
  if (lookups.length === 0) return [];
  return await db.query<MatchRow>(matchStatement(lookups));
}

/**
 * Returns the statement. Byte order of keys is version order, so bounds are compared as stored. The lateral query with `offset 0`
 * makes the planner use one index scan per lookup, whatever it estimates for the arrays.
 * An advisory for certain architectures applies to a lookup of unknown architecture: never silently safe.
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

/** Returns SQL: both belong to one module stream, or to none. An unknown stream can be any. */
export function ofModule(advisory: string, lookup: string): string {
  const mayBe = (one: string, other: string) => `(${one} = '${ANY_MODULE}' and ${other} <> '')`;
  return `(${advisory} = ${lookup} or ${mayBe(advisory, lookup)} or ${mayBe(lookup, advisory)})`;
}

/** Returns SQL: one of them belongs to an unknown stream. */
export function isStreamless(advisory: string, lookup: string): string {
  return `'${ANY_MODULE}' in (${advisory}, ${lookup})`;
}

/** Returns lookups as columns, the parameters $1 to $7 of a statement. */
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
