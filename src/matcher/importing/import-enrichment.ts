/** Loads one enricher's facts: streamed into a temporary table, then made the current ones in the same transaction. */

import type { Enricher, FetchedEnrichments } from '../../contract/enricher.ts';
import { type Database, encodeCopyRow } from '../../db/database.ts';
import { compressWal } from '../store/compress-wal.ts';
import { lockFeed } from '../store/feeds.ts';
import type { Imported } from '../store/replace-advisories.ts';
import { type FactsExtent, replaceBlocks, replaceRecords } from '../store/replace-enrichments.ts';
import { blockPacker, STAGED_BLOCKS } from './enrichment-blocks.ts';
import type { ImportOptions } from './import-feed.ts';

const TAG = /^[A-Z0-9][A-Z0-9._:-]{0,99}$/;
/** A record is copied into every report that names its CVE. */
const DATA_LIMIT = 64 * 1024;

/** So many new records make another table of it. */
const MANY = 10_000;

const STAGED_RECORDS = 'ordinal int, tag text collate "C", data text';

/**
 * Replaces the enricher's records by `fetched`, or those that it is about; all or nothing. Of several with one tag the
 * last counts.
 */
export async function importEnrichment(
  db: Database,
  { probabilities }: Pick<Enricher, 'probabilities'>,
  fetched: FetchedEnrichments,
  options: ImportOptions,
): Promise<Imported> {
  const { prefixes } = fetched;
  return await importStaged(
    db,
    {
      form: probabilities === undefined ? 'records' : 'blocks',
      lines:
        probabilities === undefined
          ? encodeRecords(fetched, options)
          : encodeBlocks(probabilities, fetched, options),
      get fingerprint() {
        return fetched.fingerprint;
      },
      ...(prefixes && { extent: { prefixes } }),
    },
    options,
  );
}

/** What an import of facts is made of. */
export interface StagedFacts {
  readonly form: 'records' | 'blocks';
  /** Lines of COPY: number, tag and data of records, or see `STAGED_BLOCKS`. */
  readonly lines: AsyncIterable<string>;
  /** Asked for once all lines are read. */
  readonly fingerprint: string;
  /** Of records: what the lines speak for; default: all. */
  readonly extent?: FactsExtent;
}

/** Replaces an enricher's records by lines of COPY, all or nothing. */
export async function importStaged(
  db: Database,
  facts: StagedFacts,
  { id, signal, finish }: Pick<ImportOptions, 'id' | 'signal' | 'finish'>,
): Promise<Imported> {
  const { form, lines } = facts;
  const result = await db.transaction(async (tx) => {
    await compressWal(tx);
    const columns = form === 'records' ? STAGED_RECORDS : STAGED_BLOCKS;
    await tx.query({ text: `create temp table staged (${columns}) on commit drop` });
    await tx.copyIn('copy staged from stdin', lines);
    signal.throwIfAborted();
    await tx.query({ text: 'analyze staged' });
    await lockFeed(tx, id);
    const imported =
      form === 'records'
        ? await replaceRecords(tx, id, facts.fingerprint, facts.extent)
        : await replaceBlocks(tx, id, facts.fingerprint);
    await finish(tx, imported);
    signal.throwIfAborted();
    return imported;
  });
  // A plan that was made while the table was empty must not live on.
  const table = form === 'records' ? 'enrichment (tag, feed)' : 'enrichment_block (block, feed)';
  if (result.added > MANY) await db.query({ text: `analyze ${table}` });
  return result;
}

async function* encodeRecords(
  { records }: FetchedEnrichments,
  { problem, signal, onRows }: ImportOptions,
): AsyncGenerator<string> {
  let rows = 0;
  for await (const { tag, data } of records) {
    signal.throwIfAborted();
    const json = JSON.stringify(data);
    if (!TAG.test(tag)) problem({ where: tag.slice(0, 100), reason: 'not a CVE id in upper case' });
    else if (json === undefined || json.length > DATA_LIMIT)
      problem({ where: tag, reason: `not valid JSON, or more than ${DATA_LIMIT} characters` });
    else yield encodeCopyRow([rows, tag, json]);
    if (++rows % 5000 === 0) onRows?.(rows);
  }
  onRows?.(rows);
}

async function* encodeBlocks(
  names: readonly [string, string],
  { records }: FetchedEnrichments,
  { problem, signal, onRows }: ImportOptions,
): AsyncGenerator<string> {
  const packer = blockPacker(names);
  let rows = 0;
  for await (const record of records) {
    signal.throwIfAborted();
    const reason = packer.add(record);
    if (reason !== undefined) problem({ where: record.tag.slice(0, 100), reason });
    if (++rows % 5000 === 0) onRows?.(rows);
  }
  onRows?.(rows);
  yield* packer.rows();
}
