/** Loads one enricher's facts: streamed into a temporary table, then made the current ones in the same transaction. */
import { type Database, encodeCopyRow, type Session } from '../db/database.ts';
import type { Fetched } from '../ecosystems/contract.ts';
import type { Enrichment } from '../model/advisory.ts';
import type { ImportOptions } from './import-feed.ts';
import { compressWal } from './store/compress-wal.ts';
import { reserveRun, saveRun } from './store/feed-runs.ts';
import { lockFeed } from './store/feeds.ts';
import type { Imported } from './store/replace-advisories.ts';

const TAG = /^[A-Z0-9][A-Z0-9._:-]{0,99}$/;
/** A record is copied into every report that names its CVE. */
const DATA_LIMIT = 64 * 1024;

/** Replaces the enricher's records by `fetched`; all or nothing. Of several with one tag the last counts. */
export async function importEnrichment(
  db: Database,
  fetched: Fetched<Enrichment>,
  options: ImportOptions,
): Promise<Imported> {
  return await db.transaction(async (tx) => {
    await compressWal(tx);
    await tx.query({
      text: 'create temp table staged (ordinal int, tag text collate "C", data text) on commit drop',
    });
    await tx.copyIn('copy staged from stdin', encodeRows(fetched, options));
    options.signal.throwIfAborted();
    await tx.query({ text: 'analyze staged' });
    await lockFeed(tx, options.id);
    const imported = await replaceRecords(tx, options.id, fetched.fingerprint);
    await options.finish(tx, imported);
    options.signal.throwIfAborted();
    return imported;
  });
}

async function* encodeRows(
  { records }: Fetched<Enrichment>,
  { problem, signal, onRows }: ImportOptions,
): AsyncGenerator<string> {
  let rows = 0;
  for await (const { tag, data } of records) {
    signal.throwIfAborted();
    const json = JSON.stringify(data);
    if (!TAG.test(tag)) problem({ where: tag.slice(0, 100), reason: 'not a CVE id in upper case' });
    else if (json === undefined || json.length > DATA_LIMIT)
      problem({ where: tag, reason: `no JSON, or over ${DATA_LIMIT} characters` });
    else yield encodeCopyRow([rows, tag, json]);
    if (++rows % 5000 === 0) onRows?.(rows);
  }
  onRows?.(rows);
}

async function replaceRecords(tx: Session, feed: number, fingerprint: string): Promise<Imported> {
  const [gone] = await tx.query<{ removed: number }>({
    text: `
      with gone as (
        delete from enrichment e where e.feed = $1 and not exists (select from staged s where s.tag = e.tag)
        returning 1)
      select count(*) as removed from gone`,
    values: [feed],
  });
  // The feed's lock is held: nothing can come in between, and `on conflict` would cost a second record of each row.
  const [changed] = await tx.query<{ added: number }>({
    text: `
      with wanted as (
        select distinct on (tag) tag, data from staged order by tag, ordinal desc
      ), known as (
        select e.tag, e.data::text as data from enrichment e where e.feed = $1
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
    values: [feed],
  });
  const [count] = await tx.query<{ rows: number }>({
    text: 'select count(*) as rows from enrichment where feed = $1',
    values: [feed],
  });
  const imported = { rows: count!.rows, added: changed!.added, removed: gone!.removed };
  const run = { id: await reserveRun(tx), feed, fingerprint, changed: imported.added + imported.removed > 0 };
  await saveRun(tx, run);
  return imported;
}
