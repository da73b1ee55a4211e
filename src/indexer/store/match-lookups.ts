/** Finds the lookups that advisories apply to, and the manifests that have them: the reverse of matching. */
import type { Session, Statement, Transaction } from '../../db/database.ts';
import type { KeyRange } from '../../ecosystems/version-keys.ts';
import type { Digest } from '../../model/digest.ts';
import { byIndexOnly } from './by-index.ts';
import { hasSet } from './lookup-sets.ts';

/** An advisory in one of the scopes that it covers. */
export interface ScopedAdvisory extends KeyRange {
  /** Id of the scope. */
  readonly scope: number;
  readonly name: string;
  readonly kind: string;
  readonly module: string;
  readonly arches: readonly string[] | undefined;
}

/** A match. `version` is set if the ecosystem must compare the versions, because one side has no key. */
export interface LookupRow {
  /** Position of the advisory in the input. */
  readonly advisory: number;
  /** Id of the lookup. */
  readonly lookup: number;
  readonly version: string | null;
}

/** Returns the lookups that `advisories` apply to, and those whose versions the ecosystem must compare. */
export async function matchLookups(db: Session, advisories: readonly ScopedAdvisory[]): Promise<LookupRow[]> {
  if (advisories.length === 0) return [];
  return await db.query<LookupRow>(lookupStatement(advisories));
}

/** Separator of architecture names, which contain no control characters. */
const SEPARATOR = '\x1f';

/** Returns the statement. Its predicate is that of the matcher's match-all.ts with the sides exchanged: both must agree. */
export function lookupStatement(advisories: readonly ScopedAdvisory[]): Statement {
  return {
    name: 'match-findings',
    text: `
      select w.ordinal::int - 1 as advisory, f.id as lookup, f.version
      from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bool[], $8::text[])
        with ordinality as w (scope, name, kind, module, lo, hi, undecided, arches, ordinal)
      cross join lateral (
        select id, case when w.undecided or key is null then version end as version
        from finding
        where scope = w.scope and name = w.name and kind = w.kind
          and (w.undecided or key is null or ((w.lo is null or w.lo <= key) and (w.hi is null or key < w.hi)))
          and module = w.module
          and (w.arches is null or arch is null or arch = any (string_to_array(w.arches, '${SEPARATOR}')))
        offset 0
      ) f`,
    values: [
      advisories.map(({ scope }) => scope),
      advisories.map(({ name }) => name),
      advisories.map(({ kind }) => kind),
      advisories.map(({ module }) => module),
      advisories.map(({ lo }) => lo),
      advisories.map(({ hi }) => hi),
      advisories.map(({ undecided }) => undecided),
      advisories.map(({ arches }) => arches?.join(SEPARATOR)),
    ],
  };
}

/** Lookups, and sets of lookups (lookup-sets.ts), by id. */
export interface HeldIds {
  readonly lookups: readonly number[];
  readonly sets: readonly number[];
}

/** Returns the sets that have any of `lookups`: pairs. */
export async function loadSetsWith(
  tx: Transaction,
  lookups: readonly number[],
): Promise<{ set: number; lookup: number }[]> {
  if (lookups.length === 0) return [];
  await byIndexOnly(tx);
  return await tx.query<{ set: number; lookup: number }>({
    name: 'sets-with-findings',
    text: `
      select s.id as set, w.id as lookup
      from unnest($1::int[]) as w (id)
      cross join lateral (select id from lookup_set where lookups @> array[w.id] offset 0) s`,
    values: [lookups],
  });
}

/** A manifest, and what it has of that which was asked for: ids of lookups, and those of sets below 0. */
export interface Holder {
  readonly manifest: number;
  readonly has: readonly number[];
}

/** Passes the manifests with ids above `after` that have any of `held` to `take`, in the order of their ids. */
export async function readHolders(
  tx: Transaction,
  held: HeldIds,
  after: number,
  take: (holder: Holder) => void,
): Promise<void> {
  if (held.lookups.length === 0) return;
  await byIndexOnly(tx);
  await tx.copyOut(`copy (${holderStatement(held, after).text}) to stdout`, async (chunks) => {
    let rest = '';
    for await (const chunk of chunks) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [manifest, own] = line.split('\t') as [string, string];
        take({ manifest: Number(manifest), has: own.slice(1, -1).split(',').map(Number) });
      }
    }
  });
}

/**
 * Returns a statement with one index scan per lookup and set; comparing the lists of all manifests would cost their product. COPY takes
 * no parameters, so the numbers are part of the text.
 */
export function holderStatement({ lookups, sets }: HeldIds, after: number): Statement {
  const rows = (ids: readonly number[]): string =>
    `unnest('{${ids.map((id) => Math.trunc(id)).join()}}'::int[]) as w (id)`;
  return {
    text: `
      select h.manifest, array_agg(h.has) as has
      from (
        select m.manifest, w.id as has
        from ${rows(lookups)}
        cross join lateral (select manifest from manifest_finding where findings @> array[w.id] offset 0) m
        union all
        select m.manifest, -w.id
        from ${rows(sets)}
        cross join lateral (select manifest from manifest_finding where ${hasSet('w.id')} offset 0) m
      ) h
      where h.manifest > ${Math.trunc(after)}
      group by h.manifest
      order by h.manifest`,
  };
}

/** Returns the digests of `manifests` (ids) that still exist. */
export async function loadDigests(db: Session, manifests: readonly number[]): Promise<Map<number, Digest>> {
  const rows = await db.query<{ id: number; digest: Digest }>({
    name: 'load-digests',
    text: 'select id, digest from manifest where id = any ($1::bigint[])',
    values: [manifests],
  });
  return new Map(rows.map(({ id, digest }) => [Number(id), digest]));
}

/** Returns the scopes of lookups with one of the keys, or with a key that starts with one of `prefixes`. */
export async function loadLookupScopes(
  db: Session,
  keys: readonly string[],
  prefixes: readonly string[],
): Promise<{ id: number; key: string }[]> {
  return await db.query<{ id: number; key: string }>({
    name: 'load-finding-scopes',
    text: `
      select id, key from finding_scope
      where key = any ($1::text[])
        or exists (select from unnest($2::text[]) as p (prefix) where starts_with(key, p.prefix))`,
    values: [keys, prefixes],
  });
}
