/** Which documents a store of objects has, and which rows refer to them. */
import type { Database, Session } from '../../db/database.ts';
import { type DocumentReference, REFERENCE_LENGTH, REFERENCE_SQL } from './reference.ts';

/** Notes that a document is about to be stored and referred to. False: it is being deleted. */
export async function touchDocument(db: Session, { digest, size }: DocumentReference): Promise<boolean> {
  const [row] = await db.query<{ deleting: boolean }>({
    name: 'touch-document',
    text: `
      insert into document as d (digest, size) values ($1, $2)
      on conflict (digest) do update set loose = now() returning d.deleting`,
    values: [digest, size],
  });
  return row?.deleting === false;
}

/** Some rows refer to the document of `d`. The length is what the index is for. */
const IS_REFERRED_TO = `(
  exists (
    select from index_report where report = ${REFERENCE_SQL} and octet_length(report) = ${REFERENCE_LENGTH})
  or exists (
    select from layer_scan where findings = ${REFERENCE_SQL} and octet_length(findings) = ${REFERENCE_LENGTH}))`;

/** The oldest documents that no row may have had for `grace` ms, or whose deletion was interrupted. */
export async function loadLoose(db: Session, grace: number, limit: number): Promise<string[]> {
  const rows = await db.query<{ digest: string }>({
    name: 'load-loose-documents',
    text: `
      select digest from document where loose < now() - $1 * interval '1 ms'
      order by loose limit $2`,
    values: [grace, limit],
  });
  return rows.map(({ digest }) => digest);
}

/**
 * Keeps those of `digests` that a row refers to; returns the others, to which none refers any more: whoever stores the same
 * text from now on does not rely on them.
 */
export async function condemn(db: Session, digests: readonly string[], grace: number): Promise<string[]> {
  await db.query({
    name: 'keep-documents',
    text: `update document d set loose = null where digest = any ($1::text[]) and not deleting and ${IS_REFERRED_TO}`,
    values: [digests],
  });
  const rows = await db.query<{ digest: string }>({
    name: 'condemn-documents',
    text: `
      update document d set deleting = true
      where digest = any ($1::text[]) and (
        deleting or loose < now() - $2 * interval '1 ms' and not ${IS_REFERRED_TO})
      returning digest`,
    values: [digests, grace],
  });
  return rows.map(({ digest }) => digest);
}

/** Forgets documents that are deleted from the store. */
export async function forgetDocuments(db: Session, digests: readonly string[]): Promise<void> {
  await db.query({
    name: 'forget-documents',
    text: 'delete from document where digest = any ($1::text[]) and deleting',
    values: [digests],
  });
}

/** How many there are, as the server estimates it: they are very many. */
export async function countDocuments(db: Session): Promise<number> {
  const [row] = await db.query<{ count: number }>({
    name: 'count-documents',
    text: `select greatest(reltuples, 0)::float8 as count from pg_class where oid = 'document'::regclass`,
  });
  return row!.count;
}

/** A row whose document may be in the wrong place. */
export interface HeldRow {
  /** Of the row, in the order of the pages. */
  readonly at: readonly unknown[];
  /** Of the row as it was read. */
  readonly version: string;
  readonly held: string;
}

/** The rows of one table. */
export interface HeldTable {
  readonly name: string;
  readonly column: string;
  /** Columns of its key with their types. */
  readonly key: readonly (readonly [name: string, type: string])[];
  /** Before the first key. */
  readonly first: readonly unknown[];
  readonly only: string;
}

export const HELD_TABLES: readonly HeldTable[] = [
  {
    ...{ name: 'index_report', column: 'report', key: [['manifest', 'bigint']], first: [0] },
    only: `state = 'IndexFinished'`,
  },
  {
    ...{ name: 'layer_scan', column: 'findings', first: ['', ''], only: 'true' },
    key: [
      ['layer', 'text'],
      ['detector', 'text'],
    ],
  },
];

/** The next rows behind `after` whose texts have at least `least` bytes, or that refer to a document. */
export async function loadHeld(
  db: Session,
  { name, column, key, only }: HeldTable,
  {
    after,
    least,
    limit,
  }: { readonly after: readonly unknown[]; readonly least: number; readonly limit: number },
): Promise<HeldRow[]> {
  const names = key.map(([each]) => each);
  const place = `(${key.map(([, type], at) => `$${at + 3}::${type}`).join()})`;
  return await db.query<HeldRow>({
    name: `load-held-${name}`,
    text: `
      select json_build_array(${names.join()}) as at, xmin::text as version, ${column} as held
      from ${name}
      where (${names.join()}) > ${place} and ${only}
        and case when $1 > 0 then octet_length(${column}) >= $1 else octet_length(${column}) = ${REFERENCE_LENGTH} end
      order by ${names.join()} limit $2`,
    values: [least, limit, ...after],
  });
}

/** Replaces what a row holds, unless somebody else has written it. It says the same, so that nobody is told of a change. */
export async function replaceHeld(
  db: Pick<Database, 'transaction'>,
  { name, column, key }: HeldTable,
  { at, version }: HeldRow,
  held: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query({ text: `select set_config('clair.moving', 'on', true)` });
    await tx.query({
      name: `replace-held-${name}`,
      text: `
        update ${name} set ${column} = $1
        where (${key.map(([each]) => each).join()}) = (${key.map(([, type], n) => `$${n + 3}::${type}`).join()})
          and xmin::text = $2`,
      values: [held, version, ...at],
    });
  });
}
