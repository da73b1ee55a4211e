/** Makes the rows of the temporary table `staged` the current records of an enricher. */
import type { Session } from '../../db/database.ts';
import { reserveRun, saveRun } from './feed-runs.ts';
import type { Imported } from './replace-advisories.ts';

/** The part of the records that `staged` replaces: all tags with these prefixes, or these tags. Others are kept. */
export type FactsExtent = { readonly prefixes: readonly string[] } | { readonly tags: ReadonlySet<string> };

/** Replaces records of an enricher by those in `staged`. */
export async function replaceRecords(
  tx: Session,
  feed: number,
  fingerprint: string,
  extent: FactsExtent = { prefixes: [''] },
): Promise<Imported> {
  const [meant, values] =
    'tags' in extent
      ? ['e.tag = any ($2::text[])', [...extent.tags]]
      : ['e.tag ^@ any ($2::text[])', extent.prefixes];
  const [gone] = await tx.query<{ removed: number }>({
    text: `
      with gone as (
        delete from enrichment e
        where e.feed = $1 and ${meant} and not exists (select from staged s where s.tag = e.tag)
        returning 1)
      select count(*) as removed from gone`,
    values: [feed, values],
  });
  // The feed's lock is held: nothing can come in between, and `on conflict` would cost a second record of each row.
  const [changed] = await tx.query<{ added: number }>({
    text: `
      with wanted as (
        select distinct on (tag) tag, data from staged order by tag, ordinal desc
      ), known as (
        select e.tag, e.data::text as data from enrichment e where e.feed = $1 and ${meant}
      ), changed as (
        update enrichment e set data = w.data::json
        from wanted w join known k on k.tag = w.tag and k.data <> w.data
        where e.feed = $1 and e.tag = w.tag
        returning 1
      ), added as (
        insert into enrichment (tag, feed, data)
        select w.tag, $1::int, w.data::json
        from wanted w where not exists (select from known k where k.tag = w.tag)
        order by w.tag
        returning 1
      )
      select (select count(*) from changed) + (select count(*) from added) as added`,
    values: [feed, values],
  });
  const [count] = await tx.query<{ rows: number }>({
    text: 'select count(*) as rows from enrichment where feed = $1',
    values: [feed],
  });
  return await done(tx, feed, fingerprint, {
    rows: count!.rows,
    added: changed!.added,
    removed: gone!.removed,
  });
}

/** Replaces all records of an enricher by the blocks in `staged`. */
export async function replaceBlocks(tx: Session, feed: number, fingerprint: string): Promise<Imported> {
  const [counts] = await tx.query<Imported>({
    text: `
      select count(n.first) as rows,
        count(n.first) filter (where s.record is distinct from k.record or n.first is distinct from old_first
          or n.second is distinct from old_second) as added,
        count(old_first) filter (where n.first is null) as removed
      from staged s
      full join (select * from enrichment_block where feed = $1) k using (block)
      cross join lateral unnest(s.first, s.second, k.first, k.second) as n (first, second, old_first, old_second)`,
    values: [feed],
  });
  await tx.query({
    text: `
      delete from enrichment_block b
      where b.feed = $1 and not exists (select from staged s where s.block = b.block)`,
    values: [feed],
  });
  await tx.query({
    text: `
      update enrichment_block b set record = s.record, first = s.first, second = s.second
      from staged s
      where b.feed = $1 and b.block = s.block and (b.record, b.first, b.second) <> (s.record, s.first, s.second)`,
    values: [feed],
  });
  await tx.query({
    text: `
      insert into enrichment_block (block, feed, record, first, second)
      select block, $1::int, record, first, second
      from staged s where not exists (select from enrichment_block b where b.feed = $1 and b.block = s.block)
      order by block`,
    values: [feed],
  });
  // A release that knew no blocks may have written rows since: the other way round, 013-one-form.sql sees to it.
  const { length: replaced } = await tx.query({
    text: 'delete from enrichment where feed = $1 returning 1',
    values: [feed],
  });
  return await done(tx, feed, fingerprint, { ...counts!, removed: counts!.removed + replaced });
}

async function done(tx: Session, feed: number, fingerprint: string, imported: Imported): Promise<Imported> {
  const changed = imported.added + imported.removed > 0;
  await saveRun(tx, { id: await reserveRun(tx), feed, fingerprint, changed });
  return imported;
}
