/**
 * Deletes lookups and layers that no manifest has, without a lock that delays the storing of manifests.
 *
 * Lookups are found by digest. A lookup that appears unused gets another digest (it is hidden), so that later transactions that
 * need it add a new one. Only transactions that were open at that time can still reference it. After they have ended, it is
 * deleted if no manifest has it, and kept otherwise. A hidden lookup is still matched: by scope and name.
 */
import type { Database, Session } from '../../db/database.ts';
import { byIndexOnly } from './by-index.ts';

/** Lookups and layers of deleted manifests, without duplicates. */
export interface Deleted {
  /** Ids of the rows, to be deleted when they are processed. */
  readonly rows: readonly string[];
  readonly lookups: readonly number[];
  readonly layers: readonly string[];
}

/** Returns the oldest of them, at most `limit` rows. */
export async function loadDeleted(db: Session, limit: number): Promise<Deleted> {
  const rows = await db.query<{ id: string; findings: number[]; layers: string[] }>({
    name: 'load-deleted-manifests',
    text: 'select id::text, findings, layers from deleted_manifest order by id limit $1',
    values: [limit],
  });
  return {
    rows: rows.map(({ id }) => id),
    lookups: [...new Set(rows.flatMap(({ findings }) => findings))],
    layers: [...new Set(rows.flatMap(({ layers }) => layers))],
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
 * Returns those of `lookups` that none of the `recent` newest manifests has: finding the holders of a frequent lookup is slow. It reads
 * all lookups of those manifests, so that few are enough for few lookups.
 */
export async function notInRecent(
  db: Session,
  lookups: readonly number[],
  recent: number,
): Promise<number[]> {
  const rows = await db.query<{ id: number }>({
    name: 'findings-not-in-recent',
    text: `
      select w.id from unnest($1::int[]) as w (id)
      except
      select unnest(r.findings)
      from (select findings from manifest_finding order by manifest desc limit $2) r`,
    values: [lookups, recent],
  });
  return rows.map(({ id }) => id);
}

/** Hides those of `lookups` that no manifest has. Returns their number. */
export async function hideOrphans(
  db: Pick<Database, 'transaction'>,
  lookups: readonly number[],
): Promise<number> {
  const rows = await db.transaction(async (tx) => {
    await byIndexOnly(tx);
    return await tx.query({
      name: 'hide-orphan-findings',
      text: `
        with hidden as (
          -- No digest is as short as this one.
          update finding f set digest = '\\x00' || int4send(f.id)
          where f.id = any ($1::int[])
            and not exists (select from manifest_finding m where m.findings @> array[f.id])
          returning f.id
        )
        insert into hidden_finding (id) select id from hidden on conflict do nothing returning id`,
      values: [lookups],
    });
  });
  return rows.length;
}

/** Stores which transactions must end before the lookups hidden so far can be deleted. */
export async function noteHorizon(db: Session): Promise<void> {
  // In another transaction than the hiding: whoever began before that was committed is among those that it names.
  await db.query({
    name: 'note-horizon',
    text: 'update hidden_finding set horizon = pg_snapshot_xmax(pg_current_snapshot()) where horizon is null',
  });
}

/** Deletes or keeps up to `limit` hidden lookups whose transactions have ended. Returns how many were processed and deleted. */
export async function deleteHidden(
  db: Pick<Database, 'transaction'>,
  limit: number,
): Promise<{ readonly due: number; readonly deleted: number }> {
  return await db.transaction(async (tx) => {
    // Before the planner is limited, which would sort all of them for each page.
    const due = await tx.query<{ id: number }>({
      name: 'load-due-findings',
      text: `
        select id from hidden_finding
        where horizon <= pg_snapshot_xmin(pg_current_snapshot()) order by id limit $1`,
      values: [limit],
    });
    if (due.length === 0) return { due: 0, deleted: 0 };
    await byIndexOnly(tx);
    // After it: who has a lookup is read as of a moment at which the transactions of its time were over.
    const [row] = await tx.query<{ deleted: number }>({
      name: 'delete-hidden-findings',
      text: `
        with due as (
          delete from hidden_finding where id = any ($1::int[]) returning id
        ), gone as (
          delete from finding f using due
          where f.id = due.id and not exists (select from manifest_finding m where m.findings @> array[f.id])
          returning f.id
        )
        select (select count(*) from gone)::int as deleted`,
      values: [due.map(({ id }) => id)],
    });
    return { due: due.length, deleted: row!.deleted };
  });
}

/** Deletes the stored detections of those of `layers` that no manifest has. A concurrent request for one scans it again. */
export async function deleteOrphanLayers(db: Session, layers: readonly string[]): Promise<void> {
  await db.query({
    name: 'delete-orphan-layers',
    text: `
      delete from layer_scan s
      where s.layer = any ($1::text[])
        and not exists (select from manifest_layer l where l.layer = s.layer)`,
    values: [layers],
  });
}

/** Returns up to `limit` lookups with ids above `after`, in order. */
export async function pageOfLookups(db: Session, after: number, limit: number): Promise<number[]> {
  const page = await db.query<{ id: number }>({
    name: 'page-of-findings',
    text: 'select id from finding where id > $1 order by id limit $2',
    values: [after, limit],
  });
  return page.map(({ id }) => id);
}
