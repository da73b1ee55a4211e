/** Loads the difference of two states of a feed, and the advisories in it. */
import type { Session, Statement } from '../../db/database.ts';
import type { AdvisoryRow } from './load-advisories.ts';

/** The state of a feed after a run. */
export interface Snapshot {
  readonly feed: number;
  /** Number of the run. */
  readonly id: number;
}

/** Ids of advisories in order, as consecutive big-endian int64: there can be a million. */
export interface ChangedIds {
  readonly added: Buffer;
  readonly removed: Buffer;
}

/** Returns the advisories in `cur` and not in `prev`, and the reverse. Without `prev`, all of `cur` are added. */
export async function loadChangedIds(
  db: Session,
  cur: Snapshot,
  prev: Snapshot | undefined,
): Promise<ChangedIds> {
  if (prev?.feed !== cur.feed) {
    return {
      added: await idsOf(db, snapshotStatement(cur)),
      removed: prev === undefined ? NONE : await idsOf(db, snapshotStatement(prev)),
    };
  }
  const [older, newer] = prev.id <= cur.id ? [prev, cur] : [cur, prev];
  const [row] = await db.query<{ came: Buffer | null; went: Buffer | null }>(
    changesStatement(cur.feed, older.id, newer.id),
  );
  const [came, went] = [row?.came ?? NONE, row?.went ?? NONE];
  return older === prev ? { added: came, removed: went } : { added: went, removed: came };
}

const NONE = Buffer.alloc(0);

async function idsOf(db: Session, statement: Statement): Promise<Buffer> {
  const [row] = await db.query<{ ids: Buffer | null }>(statement);
  return row?.ids ?? NONE;
}

/**
 * Returns a statement for all advisories after a run.
 * differs: assertions that something is not affected are in no diff: notifiers take them for the opposite (clair-matching.md#differences-without-ranges)
 */
export function snapshotStatement({ feed, id }: Snapshot): Statement {
  return {
    name: 'snapshot-ids',
    text: `
      select string_agg(int8send(id), '' order by id) as ids
      from advisory
      where feed = $1 and since_run <= $2 and (until_run is null or until_run > $2) and not asserts_unaffected`,
    values: [feed, id],
  };
}

/**
 * Returns a statement for what was added and removed between two runs of a feed. An advisory that was removed and added again, equal
 * in everything that clients see, has not changed. It sorts instead of joining: without statistics on new rows, the planner would
 * choose the product of both lists.
 */
export function changesStatement(feed: number, older: number, newer: number): Statement {
  return {
    name: 'changed-ids',
    text: `
      select
        string_agg(int8send(id), '' order by id) filter (where came and not any_went) as came,
        string_agg(int8send(id), '' order by id) filter (where not came and not any_came) as went
      from (
        select id, came, bool_or(came) over same as any_came, bool_or(not came) over same as any_went
        from (
          select *, true as came from advisory
          where feed = $1 and since_run > $2 and since_run <= $3 and (until_run is null or until_run > $3)
            and not asserts_unaffected
          union all
          select *, false from advisory
          where feed = $1 and until_run > $2 and until_run <= $3 and since_run <= $2 and not asserts_unaffected
        ) changed
        window same as (
          partition by doc, scope, name, kind, module, coalesce(arches, '{}'), coalesce(from_version, ''),
            coalesce(below, ''), coalesce(up_to, ''), coalesce(shown_name, ''), coalesce(shown_arch, ''),
            fixed_in_version)
      ) told`,
    values: [feed, older, newer],
  };
}

/** An advisory with everything that a diff shows. */
export interface ChangeRow extends AdvisoryRow {
  /** Name for comparison; `name` is the one that is shown. */
  readonly compared: string;
  readonly from_version: string | null;
  readonly below: string | null;
  readonly up_to: string | null;
}

/** Returns the advisories `ids` in that order; those deleted in the meantime are omitted. */
export async function loadChanges(db: Session, ids: readonly bigint[]): Promise<ChangeRow[]> {
  return await db.query<ChangeRow>(changeRowsStatement(ids));
}

export function changeRowsStatement(ids: readonly bigint[]): Statement {
  return {
    name: 'load-changes',
    text: `
      select a.id, f.name as feed, coalesce(a.shown_name, a.name) as name, a.name as compared, a.kind, a.module,
        a.arches, a.shown_arch, a.asserts_unaffected, a.fixed_in_version, a.scope, a.from_version, a.below, a.up_to,
        d.wire
      from unnest($1::bigint[]) with ordinality as wanted (id, ordinal)
      cross join lateral (select * from advisory where id = wanted.id offset 0) a
      cross join lateral (select wire from advisory_doc where id = a.doc offset 0) d
      join feed f on f.id = a.feed
      order by wanted.ordinal`,
    values: [ids],
  };
}
