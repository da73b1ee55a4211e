/** Finds manifests without stored lookups, or with lookups of another revision of the program. */
import type { Session } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';

/** Lookups of a newer release count as stored: they are not replaced. */
const IS_STORED = `
  f.revision = $1
  or case when f.revision ~ '^[0-9]{1,6}-'
    then split_part(f.revision, '-', 1)::int > split_part($1, '-', 1)::int else false end`;

/** Whether there are any of an earlier revision or in another form (`old`), and any whose keys may be in another order (`mixed`). */
export interface SeenLookups {
  readonly old: boolean;
  readonly mixed: boolean;
}

/** Returns whether any exist; `none`: without lookups. */
export async function anyLookupsMissing(
  db: Session,
  revision: string,
): Promise<SeenLookups & { readonly none: boolean }> {
  const [row] = await db.query<SeenLookups & { readonly none: boolean }>({
    name: 'any-findings-missing',
    text: `
      select exists (
        select from manifest_finding f where not (${IS_STORED})
      ) as old, exists (
        select from manifest_finding f
        where not (${IS_STORED}) and split_part(f.revision, '+', 1) <> split_part($1, '+', 1)
      ) as mixed, exists (
        select from index_report r where r.state = 'IndexFinished'
          and not exists (select from manifest_finding f where f.manifest = r.manifest)) as none`,
    values: [revision],
  });
  return row!;
}

/** What a replica has found, and how many ms ago. */
export interface Look extends SeenLookups {
  readonly age: number;
}

/** Returns what a replica of the same `revision` has stored last; undefined: nothing since one of another revision looked, which replaces lookups as well. */
export async function loadLook(db: Session, revision: string): Promise<Look | undefined> {
  const [look] = await db.query<Look>({
    name: 'load-look',
    text: `
      select old, mixed, extract(epoch from clock_timestamp() - looked)::float8 * 1000 as age
      from lookups_looked l
      where revision = $1 and not exists (
        select from lookups_looked other where other.revision <> $1 and other.looked > l.looked)`,
    values: [revision],
  });
  return look;
}

/** Stores it for the other replicas. */
export async function saveLook(db: Session, revision: string, { old, mixed, age }: Look): Promise<void> {
  await db.query({
    name: 'save-look',
    text: `
      insert into lookups_looked (revision, looked, old, mixed)
      values ($1, clock_timestamp() - make_interval(secs => $4::float8 / 1000), $2, $3)
      on conflict (revision) do update set looked = excluded.looked, old = excluded.old, mixed = excluded.mixed`,
    values: [revision, old, mixed, age],
  });
}

/** Returns their number. */
export async function countMissing(db: Session, revision: string): Promise<number> {
  const [row] = await db.query<{ missing: number }>({
    name: 'count-findings-missing',
    text: `
      select count(*)::int8 as missing from index_report r
      where r.state = 'IndexFinished'
        and not exists (select from manifest_finding f where f.manifest = r.manifest and (${IS_STORED}))`,
    values: [revision],
  });
  return row!.missing;
}

/** A manifest with its finished report. */
export interface MissingReport {
  readonly id: number;
  readonly digest: Digest;
  /** What its row holds. */
  readonly report: string;
}

/** Which manifests are filled. */
export interface WantedMissing {
  readonly revision: string;
  /** Whether those with lookups of an earlier revision are, or only those without any. */
  readonly old: boolean;
  /** Ids above this one. */
  readonly after: number;
}

/** Its second parameter is `old`. */
const IS_KEPT = `(not $2::boolean or ${IS_STORED})`;

/**
 * Returns some of them in the order of their ids, and locks their rows until the transaction ends: other
 * replicas skip them, and their reports are not replaced.
 */
export async function takeMissing(
  tx: Session,
  { revision, old, after }: WantedMissing,
  limit: number,
): Promise<MissingReport[]> {
  return await tx.query<MissingReport>({
    name: 'take-missing-findings',
    text: `
      select m.id, m.digest, t.report
      from (
        select r.manifest, r.report from index_report r
        where r.state = 'IndexFinished' and r.manifest > $3
          and not exists (select from manifest_finding f where f.manifest = r.manifest and ${IS_KEPT})
        order by r.manifest limit $4 for update of r skip locked) t
      join manifest m on m.id = t.manifest
      order by m.id`,
    values: [revision, old, after, limit],
  });
}

/** Returns those of `taken` that are still missing: another transaction may have stored them before the rows were locked. */
export async function stillMissing(
  tx: Session,
  { revision, old }: WantedMissing,
  taken: readonly MissingReport[],
): Promise<MissingReport[]> {
  const rows = await tx.query<{ manifest: number }>({
    name: 'still-missing-findings',
    text: `select f.manifest from manifest_finding f where f.manifest = any ($3::bigint[]) and ${IS_KEPT}`,
    values: [revision, old, taken.map(({ id }) => id)],
  });
  const done = new Set(rows.map(({ manifest }) => Number(manifest)));
  return taken.filter(({ id }) => !done.has(Number(id)));
}
