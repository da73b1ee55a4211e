/** Makes the rows of the temporary table `staged` the current advisories of a feed. */
import type { Session } from '../../db/database.ts';
import { reserveRun, saveRun } from './feed-runs.ts';

/** What an import changed; `rows` are there now. */
export interface Imported {
  readonly rows: number;
  readonly added: number;
  readonly removed: number;
}

/** Held shared while texts are referred to, alone while texts that nobody refers to are deleted. */
export const DOC_LOCK = `hashtextextended('advisory_doc', 0)`;

/**
 * Closes what vanished, adds what is new, touches nothing else. A run is noted if anything changed, or is the first.
 * With `names` only advisories of vulnerabilities of those names count as current.
 */
export async function replaceAdvisories(
  tx: Session,
  feed: number,
  fingerprint: string,
  names?: ReadonlySet<string>,
): Promise<Imported> {
  const run = await reserveRun(tx);
  if (names !== undefined) await listReplaced(tx, feed, names);
  // The temporary table has no index, and until they are analysed the others look small: never loop over it.
  await tx.query({ text: 'set local enable_nestloop = off' });
  const removed = await closeVanished(tx, feed, run, names !== undefined);
  await dropKnown(tx, feed, names !== undefined);
  await tx.query({ text: 'set local enable_nestloop = on' });
  await tx.query({ text: `select pg_advisory_xact_lock_shared(${DOC_LOCK})` });
  await addTexts(tx);
  await addNew(tx, feed, run);
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

/** The current advisories of some vulnerabilities, which a partial load replaces. */
async function listReplaced(tx: Session, feed: number, names: ReadonlySet<string>): Promise<void> {
  await tx.query({ text: 'create temp table replaced (id bigint, digest bytea) on commit drop' });
  await tx.query({
    text: `
      insert into replaced
      select id, digest from advisory
      where feed = $1 and until_run is null
        and doc = any (array(select id from advisory_doc where name = any ($2::text[])))`,
    values: [feed, [...names]],
  });
  await tx.query({ text: 'analyze replaced' });
}

async function closeVanished(tx: Session, feed: number, run: number, isPartial: boolean): Promise<number> {
  const [row] = await tx.query<{ removed: number }>({
    text: `
      with gone as (
        update advisory a set until_run = $2
        where a.feed = $1 and a.until_run is null
          ${isPartial ? 'and a.id in (select id from replaced)' : ''}
          and not exists (select from staged s where s.digest = a.digest)
        returning 1)
      select count(*) as removed from gone`,
    values: [feed, run],
  });
  return row!.removed;
}

/** What is current already needs nothing; its text is there as well. */
async function dropKnown(tx: Session, feed: number, isPartial: boolean): Promise<void> {
  await tx.query(
    isPartial
      ? { text: 'delete from staged s using replaced a where a.digest = s.digest' }
      : {
          text: `
            delete from staged s using advisory a
            where a.feed = $1 and a.until_run is null and a.digest = s.digest`,
          values: [feed],
        },
  );
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

async function addNew(tx: Session, feed: number, run: number): Promise<void> {
  // Scopes that the feed did not announce: shown without distribution or repository.
  await tx.query({
    text: `
      insert into scope (key) select distinct s.scope from staged s
      where not exists (select from scope where key = s.scope)
      order by 1 on conflict (key) do nothing`,
  });
  await tx.query({
    // In the order in which packages are looked up: the rows of one package lie side by side.
    text: `
      insert into advisory (feed, digest, since_run, scope, name, kind, module, arches, lo, hi, from_version, below,
        up_to, undecided, shown_name, shown_arch, asserts_unaffected, fixed_in_version, doc)
      select distinct on (s.scope, s.name, s.kind, s.digest) $1::int, s.digest, $2::bigint, scope.id, s.name, s.kind,
        s.module, s.arches, s.lo, s.hi, s.from_version, s.below, s.up_to, s.undecided, s.shown_name, s.shown_arch,
        s.asserts_unaffected, s.fixed_in_version, d.id
      from staged s
      join scope on scope.key = s.scope
      join advisory_doc d on d.hash = s.doc_hash
      order by s.scope, s.name, s.kind, s.digest`,
    values: [feed, run],
  });
}
