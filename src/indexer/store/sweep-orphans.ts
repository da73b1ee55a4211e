/**
 * Deletes lookups, sets of them and layers that no manifest has, without a lock that delays the storing of manifests.
 *
 * Lookups and sets are found by digest. One that appears unused gets another digest (it is hidden), so that later transactions that
 * need it add a new one. Only transactions that were open at that time can still reference it. After they have ended, it is
 * deleted if no manifest has it, and kept otherwise. A hidden lookup is still matched: by scope and name. What a deleted set had is
 * looked at as what a deleted manifest had.
 */
import type { Database, Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import { byIndexOnly } from './by-index.ts';
import { layerNames, layerOf, namesSql } from './layer-names.ts';
import { hasSet } from './lookup-sets.ts';

/** What is shared by manifests, and swept in one way. `isHeld`: SQL, whether a row `t` is in use. `recent`: SQL, those of the newest manifests `r`. */
export interface SharedTable {
  readonly name: string;
  readonly table: string;
  readonly hidden: string;
  readonly isHeld: string;
  readonly recent: string;
  /** SQL: what follows from rows `gone`. */
  readonly after?: string;
}

export const LOOKUPS: SharedTable = {
  name: 'findings',
  table: 'finding',
  hidden: 'hidden_finding',
  isHeld: `exists (select from manifest_finding m where m.findings @> array[t.id])
    or exists (select from lookup_set s where s.lookups @> array[t.id])`,
  recent: `select unnest(findings) from r
    union all
    select unnest(lookups) from lookup_set where id = any (array(select distinct unnest(sets) from r))`,
};

export const SETS: SharedTable = {
  name: 'sets',
  table: 'lookup_set',
  hidden: 'hidden_set',
  isHeld: `exists (select from manifest_finding m where ${hasSet('t.id')})`,
  recent: 'select unnest(sets) from r',
  after: `insert into deleted_manifest (findings, layers, of_set) select lookups, '{}', true from gone`,
};

/** Lookups, sets and layers of deleted manifests, without duplicates. */
export interface Deleted {
  /** Ids of the rows, to be deleted when they are processed. */
  readonly rows: readonly string[];
  /** Number of the manifests: some rows are of deleted sets. */
  readonly manifests: number;
  readonly sets: readonly number[];
  readonly lookups: readonly number[];
  readonly layers: readonly Digest[];
}

interface DeletedRow {
  readonly id: string;
  readonly findings: readonly number[];
  readonly sets: readonly number[];
  readonly layers: readonly string[];
  readonly of_set: boolean;
}

/** Returns the oldest of them, at most `limit` rows. */
export async function loadDeleted(db: Session, limit: number): Promise<Deleted> {
  const rows = await db.query<DeletedRow>({
    name: 'load-deleted-manifests',
    text: 'select id::text, findings, sets, layers, of_set from deleted_manifest order by id limit $1',
    values: [limit],
  });
  return {
    rows: rows.map(({ id }) => id),
    manifests: rows.filter(({ of_set }) => !of_set).length,
    sets: [...new Set(rows.flatMap(({ sets }) => sets))],
    lookups: [...new Set(rows.flatMap(({ findings }) => findings))],
    layers: [...new Set(rows.flatMap(({ layers }) => layers.map(layerOf)))],
  };
}

export async function forgetDeleted(db: Session, rows: readonly string[]): Promise<void> {
  await db.query({
    name: 'forget-deleted-manifests',
    text: 'delete from deleted_manifest where id = any ($1::bigint[])',
    values: [rows],
  });
}

/**
 * Returns those of `ids` that none of a page of manifests has: the `limit` newest with ids below `before`. Finding the holders of
 * a frequent one is slow. `next`: the lowest id of the page; undefined if there were none.
 */
export async function notInRecent(
  db: Session,
  shared: SharedTable,
  ids: readonly number[],
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<{ readonly rare: number[]; readonly next: number | undefined }> {
  const [row] = await db.query<{ rare: number[]; next: number | null }>({
    name: `${shared.name}-not-in-recent`,
    text: `
      with r as materialized (
        select manifest, findings, sets from manifest_finding where manifest < $2 order by manifest desc limit $3
      )
      select (select min(manifest) from r)::float8 as next,
        array(select unnest($1::int[]) except (${shared.recent})) as rare`,
    values: [ids, before, limit],
  });
  return { rare: row!.rare, next: row!.next ?? undefined };
}

/** Hides those of `ids` that no manifest has. Returns their number. */
export async function hideOrphans(
  db: Pick<Database, 'transaction'>,
  shared: SharedTable,
  ids: readonly number[],
): Promise<number> {
  const rows = await db.transaction(async (tx) => {
    await byIndexOnly(tx);
    return await tx.query({
      name: `hide-orphan-${shared.name}`,
      text: `
        with hidden as (
          -- No digest is as short as this one.
          update ${shared.table} t set digest = '\\x00' || int4send(t.id)
          where t.id = any ($1::int[]) and not (${shared.isHeld})
          returning t.id
        )
        insert into ${shared.hidden} (id) select id from hidden on conflict do nothing returning id`,
      values: [ids],
    });
  });
  return rows.length;
}

/** Stores which transactions must end before what is hidden so far can be deleted. */
export async function noteHorizon(db: Session, { name, hidden }: SharedTable): Promise<void> {
  // In another transaction than the hiding: whoever began before that was committed is among those that it names.
  await db.query({
    name: `note-horizon-of-${name}`,
    text: `update ${hidden} set horizon = pg_snapshot_xmax(pg_current_snapshot()) where horizon is null`,
  });
}

/** Deletes or keeps up to `limit` hidden rows whose transactions have ended. Returns how many were processed and deleted. */
export async function deleteHidden(
  db: Pick<Database, 'transaction'>,
  { name, table, hidden, isHeld, after = 'select' }: SharedTable,
  limit: number,
): Promise<{ readonly due: number; readonly deleted: number }> {
  return await db.transaction(async (tx) => {
    // Before the planner is limited, which would sort all of them for each page.
    const due = await tx.query<{ id: number }>({
      name: `load-due-${name}`,
      text: `
        select id from ${hidden}
        where horizon <= pg_snapshot_xmin(pg_current_snapshot()) order by id limit $1`,
      values: [limit],
    });
    if (due.length === 0) return { due: 0, deleted: 0 };
    await byIndexOnly(tx);
    // After it: who has a row is read as of a moment at which the transactions of its time were over.
    const [row] = await tx.query<{ deleted: number }>({
      name: `delete-hidden-${name}`,
      text: `
        with due as (
          delete from ${hidden} where id = any ($1::int[]) returning id
        ), gone as (
          delete from ${table} t using due where t.id = due.id and not (${isHeld})
          returning t.*
        ), after as (${after})
        select (select count(*) from gone)::int as deleted`,
      values: [due.map(({ id }) => id)],
    });
    return { due: due.length, deleted: row!.deleted };
  });
}

/** Deletes the stored detections of those of `layers` that no manifest has. A concurrent request for one scans it again. */
export async function deleteOrphanLayers(db: Session, layers: readonly Digest[]): Promise<void> {
  await db.query({
    name: 'delete-orphan-layers',
    text: `
      delete from layer_scan s
      where s.layer = any ($1::text[])
        and not exists (select from manifest_layer l where l.layer = any (${namesSql('s.layer')}))`,
    values: [layerNames(layers)],
  });
}

/** Returns up to `limit` ids above `after`, in order. */
export async function pageOf(
  db: Session,
  { name, table }: SharedTable,
  after: number,
  limit: number,
): Promise<number[]> {
  const page = await db.query<{ id: number }>({
    name: `page-of-${name}`,
    text: `select id from ${table} where id > $1 order by id limit $2`,
    values: [after, limit],
  });
  return page.map(({ id }) => id);
}
