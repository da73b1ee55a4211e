/** Loads one feed's advisories: streamed into a temporary table, then made the current ones in the same transaction. */
import { hash } from 'node:crypto';
import type { Feed, Fetched } from '../../contract/feed.ts';
import type { Database, Session } from '../../db/database.ts';
import { COMMIT, VERSION } from '../../lib/version.ts';
import type { Advisory } from '../../model/advisory.ts';
import { compressWal } from '../store/compress-wal.ts';
import { loadPieces } from '../store/feed-pieces.ts';
import { addScopes, lockFeed, replaceScopes } from '../store/feeds.ts';
import { type Imported, replaceAdvisories } from '../store/replace-advisories.ts';
import { rowEncoder, STAGED_COLUMNS } from './advisory-row.ts';
import { type PieceReader, pieceReader } from './piece-reader.ts';

/** So many new rows make another table of it. */
const MANY = 10_000;

export interface ImportOptions {
  /** The feed's id in the database. */
  readonly id: number;
  readonly problem: (problem: { where: string; reason: string }) => void;
  readonly signal: AbortSignal;
  /** Runs last in the import's transaction. */
  readonly finish: (tx: Session, imported: Imported) => Promise<void>;
  /** Told now and then how many records were read. */
  readonly onRows?: (rows: number) => void;
  /** What makes the rows: pieces that another one read are read again. */
  readonly reader?: string;
  /** Every piece is read, known or not. */
  readonly anew?: boolean;
}

/**
 * Replaces the feed's current advisories by `fetched`, or those of the vulnerabilities that it is about. All or nothing: whenever it ends early, for whatever reason,
 * nothing has happened. Rows that stay the same are not touched, and a run is noted only if something changed.
 */
export async function importFeed(
  db: Database,
  feed: Feed,
  fetched: Fetched<Advisory>,
  options: ImportOptions,
): Promise<Imported> {
  const result = await db.transaction(async (tx) => {
    const pieces = fetched.pieces && (await openPieces(tx, feed, options));
    await stageAdvisories(tx, encodeRows(feed, fetched, options, pieces), options);
    // Known only now: a feed may meet its scopes while it reads.
    if (fetched.partial === undefined) await replaceScopes(tx, options.id, feed.scopes);
    else await addScopes(tx, options.id, feed.scopes);
    const extent = { names: fetched.partial?.names, pieces: pieces?.outcome };
    const imported = await replaceAdvisories(tx, options.id, fetched.fingerprint, extent);
    await options.finish(tx, imported);
    options.signal.throwIfAborted();
    return imported;
  });
  await analyzeAdvisories(db, result);
  return result;
}

/** Puts lines of COPY (see `STAGED_COLUMNS`) into the temporary table `staged`, and locks the feed until the transaction ends. */
export async function stageAdvisories(
  tx: Session,
  lines: AsyncIterable<string>,
  { id, signal }: Pick<ImportOptions, 'id' | 'signal'>,
): Promise<void> {
  await compressWal(tx);
  await tx.query({ text: `create temp table staged (${STAGED_COLUMNS.join(', ')}) on commit drop` });
  await tx.copyIn('copy staged from stdin', lines);
  signal.throwIfAborted();
  await tx.query({ text: 'analyze staged (digest, doc_hash, scope)' });
  // The sorts that follow are the work of one feed at a time, on tables that nobody else sees.
  await tx.query({ text: `set local work_mem = '64MB'` });
  await tx.query({ text: 'set local jit = off' });
  await lockFeed(tx, id);
}

/**
 * After an import that makes another table of it: the server would come to it by itself, but a report may be asked for before. Where
 * many feeds are loaded not after each of them: that would cost a fifth of all.
 */
export async function analyzeAdvisories(db: Database, { added }: Imported): Promise<void> {
  if (added <= MANY) return;
  const [known] = await db.query<{ isAnother: boolean }>({
    name: 'is-another-table',
    text: `
      select greatest($1::float8, pg_stat_get_mod_since_analyze(oid)) > 0.5 * reltuples as "isAnother"
      from pg_class where oid = 'advisory'::regclass`,
    values: [added],
  });
  if (known!.isAnother) await db.query({ text: 'analyze advisory, advisory_doc' });
}

/** Another release of this program, or other scopes, may read the same piece otherwise. */
async function openPieces(
  tx: Session,
  feed: Feed,
  { id, reader = '', anew = false }: ImportOptions,
): Promise<PieceReader> {
  const own = hash('sha256', JSON.stringify([reader, VERSION, COMMIT, feed.scopes])).slice(0, 32);
  return pieceReader(own, anew ? new Set() : await loadPieces(tx, id, own));
}

async function* encodeRows(
  feed: Feed,
  fetched: Fetched<Advisory>,
  { problem, signal, onRows }: ImportOptions,
  pieces: PieceReader | undefined,
): AsyncGenerator<string> {
  const { encode } = rowEncoder(feed.versionsOf ?? (() => feed.versions));
  let rows = 0;
  for await (const [advisory, piece] of advisoriesOf(fetched, pieces, problem)) {
    signal.throwIfAborted();
    const row = encode(advisory, piece);
    if ('reason' in row) {
      if (piece !== undefined) pieces?.doubt(piece);
      problem({ where: advisory.vulnerability.name, reason: row.reason });
    } else yield row.line;
    if (++rows % 5000 === 0) onRows?.(rows);
  }
  onRows?.(rows);
}

async function* advisoriesOf(
  fetched: Fetched<Advisory>,
  pieces: PieceReader | undefined,
  problem: ImportOptions['problem'],
): AsyncGenerator<readonly [advisory: Advisory, piece?: number]> {
  if (fetched.pieces !== undefined && pieces !== undefined) yield* pieces.records(fetched.pieces, problem);
  else for await (const advisory of fetched.records) yield [advisory];
}
