/** Makes the rows of the temporary table `staged` the current advisories of a feed. */
import type { Session } from '../../db/database.ts';
import { dropPieces, forgetPieces, type ReadPieces, savePieces } from './feed-pieces.ts';
import { reserveRun, saveRun } from './feed-runs.ts';

/** What an import changed; `rows` is the number of current rows. */
export interface Imported {
  readonly rows: number;
  readonly added: number;
  readonly removed: number;
}

/** Advisory lock: shared while texts are referenced, exclusive while unreferenced texts are deleted. */
export const DOC_LOCK = `hashtextextended('advisory_doc', 0)`;

/** The part of a feed's advisories that a load replaces: all, or those of certain vulnerabilities or pieces. */
export interface Extent {
  /** Names of the vulnerabilities. */
  readonly names?: ReadonlySet<string> | undefined;
  readonly pieces?: ReadPieces | undefined;
}

/** Ends advisories that the load no longer has, adds new ones, and changes nothing else. Stores a run if anything changed, or if it is the first. */
export async function replaceAdvisories(
  tx: Session,
  feed: number,
  fingerprint: string,
  { names, pieces }: Extent = {},
): Promise<Imported> {
  const run = await reserveRun(tx);
  await tx.query({
    text: 'create temp table held (id bigint, digest bytea, stays boolean) on commit drop',
  });
  if (pieces !== undefined && pieces.kept > 0) await holdPieces(tx, feed, pieces);
  else {
    await forgetPieces(tx, feed);
    await (names === undefined ? holdAll(tx, feed) : holdNamed(tx, feed, names));
  }
  await tx.query({ text: 'analyze held' });
  // The temporary tables have no index, and until they are analysed the others look small: never loop over it.
  await tx.query({ text: 'set local enable_nestloop = off' });
  const removed = await closeVanished(tx, run);
  if (pieces !== undefined) await noteSaid(tx);
  // What is current already needs nothing; its text is there as well.
  await tx.query({ text: 'delete from staged s using held h where h.digest = s.digest' });
  await tx.query({ text: 'set local enable_nestloop = on' });
  await tx.query({ text: `select pg_advisory_xact_lock_shared(${DOC_LOCK})` });
  await addTexts(tx);
  await addNew(tx, feed, run, pieces !== undefined);
  if (pieces !== undefined) await savePieces(tx, feed, pieces);
  const [count] = await tx.query<{ added: number; rows: number }>({
    name: 'count-advisories',
    text: `
      select count(*) filter (where since_run = $2) as added, count(*) as rows
      from advisory where feed = $1 and until_run is null`,
    values: [feed, run],
  });
  const { added, rows } = count!;
  await saveRun(tx, { id: run, feed, fingerprint, changed: added + removed > 0 });
  return { rows, added, removed };
}

async function holdAll(tx: Session, feed: number): Promise<void> {
  await tx.query({
    text: `
      insert into held (id, digest, stays)
      select id, digest, false from advisory where feed = $1 and until_run is null`,
    values: [feed],
  });
}

async function holdNamed(tx: Session, feed: number, names: ReadonlySet<string>): Promise<void> {
  await tx.query({
    // By a join: an array of texts that a query finds would be searched through for each row of the feed.
    text: `
      insert into held (id, digest, stays)
      select id, digest, false from advisory
      where feed = $1 and until_run is null
        and doc in (select id from advisory_doc where name = any ($2::text[]))`,
    values: [feed, [...names]],
  });
}

/** Holds the advisories of removed pieces, and those that both a read and an unchanged piece contain. */
async function holdPieces(tx: Session, feed: number, pieces: ReadPieces): Promise<void> {
  await dropPieces(tx, feed, pieces);
  await tx.query({
    // Only a known text can be in a current row. They are looked up as packages are: there is no other index.
    text: `
      insert into held (id, digest, stays)
      select a.id, a.digest, true
      from (
        select distinct sc.id as scope, s.name, s.kind
        from staged s
        join scope sc on sc.key = s.scope
        where not exists (select from held h where h.digest = s.digest)
          and exists (select from advisory_doc d where d.hash = s.doc_hash)
      ) wanted
      cross join lateral (
        select id, digest from advisory
        where scope = wanted.scope and name = wanted.name and kind = wanted.kind and until_run is null and feed = $1
        offset 0
      ) a
      where a.digest in (select digest from staged) and not exists (select from held h where h.id = a.id)`,
    values: [feed],
  });
}

async function closeVanished(tx: Session, run: number): Promise<number> {
  const [row] = await tx.query<{ removed: number }>({
    text: `
      with gone as (
        update advisory set until_run = $1
        where id = any (array(
          select h.id from held h
          where not h.stays and not exists (select from staged s where s.digest = h.digest)))
        returning 1)
      select count(*) as removed from gone`,
    values: [run],
  });
  return row!.removed;
}

/** Stores which pieces contain advisories that are already current. */
async function noteSaid(tx: Session): Promise<void> {
  await tx.query({ text: 'create temp table said (piece int, id bigint) on commit drop' });
  await tx.query({
    text: 'insert into said (piece, id) select s.piece, h.id from staged s join held h on h.digest = s.digest',
  });
}

async function addTexts(tx: Session): Promise<void> {
  await tx.query({
    // In the order of the hashes: feeds that share texts and load at the same time must not deadlock.
    text: `
      insert into advisory_doc (hash, name, severity, cves, aliases, wire)
      select distinct on (doc_hash) doc_hash, doc_name, doc_severity, doc_cves, doc_aliases, doc_wire
      from staged s
      where doc_wire is not null and not exists (select from advisory_doc d where d.hash = s.doc_hash)
      order by doc_hash
      on conflict (hash) do nothing`,
  });
}

async function addNew(tx: Session, feed: number, run: number, inPieces: boolean): Promise<void> {
  // Scopes that the feed did not announce: shown without distribution or repository.
  await tx.query({
    text: `
      insert into scope (key) select distinct s.scope from staged s
      where not exists (select from scope where key = s.scope)
      order by 1 on conflict (key) do nothing`,
  });
  // In the order in which packages are looked up: the rows of one package lie side by side. By numbers of scopes: their
  // keys would be compared again and again, and cost as much as the rest of the statement.
  const insert = `
    insert into advisory (feed, digest, since_run, scope, name, kind, module, arches, lo, hi, from_version, below,
      up_to, undecided, shown_name, shown_arch, asserts_unaffected, fixed_in_version, code, doc)
    select distinct on (scope.id, s.name, s.kind, s.digest) $1::int, s.digest, $2::bigint, scope.id, s.name, s.kind,
      s.module, s.arches, s.lo, s.hi, s.from_version, s.below, s.up_to, s.undecided, s.shown_name, s.shown_arch,
      s.asserts_unaffected, s.fixed_in_version, s.code, d.id
    from staged s
    join scope on scope.key = s.scope
    join advisory_doc d on d.hash = s.doc_hash
    order by scope.id, s.name, s.kind, s.digest`;
  await tx.query({
    text: inPieces
      ? `
        with added as (${insert} returning id, digest)
        insert into said (piece, id) select s.piece, a.id from staged s join added a on a.digest = s.digest`
      : insert,
    values: [feed, run],
  });
}
