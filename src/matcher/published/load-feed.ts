/** Loads one feed of a published database: an update like any other, of the rows that changed. */
import type { Database, Session } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import { type GarbageCollector, garbageCollector } from '../../lib/free-memory.ts';
import type { Scope } from '../../model/advisory.ts';
import { importStaged } from '../importing/import-enrichment.ts';
import { analyzeAdvisories, stageAdvisories } from '../importing/import-feed.ts';
import { ensureFeed, replaceScopes } from '../store/feeds.ts';
import { loadPulled, loadSums, pulledLine, savePulled } from '../store/pulled.ts';
import { type Imported, replaceAdvisories } from '../store/replace-advisories.ts';
import { guardRows } from '../updating/guard-rows.ts';
import { type FeedResult, NOTHING } from '../updating/update-run.ts';
import { type ChunkRows, chunkReader } from './chunk-rows.ts';
import { sha256 } from './encode-chunks.ts';
import { damaged, type IndexedFeed, type PublishedFeed } from './format.ts';
import { findFeed, saveFeed, savePieces } from './save-rows.ts';
import { type LayerSource, type PlacedChunk, type SpooledChunks, spoolChunks } from './spool-chunks.ts';

/** A feed of a layer. */
export interface LayerFeed {
  readonly feed: PublishedFeed;
  readonly indexed: Omit<IndexedFeed, 'chunks' | 'pieces'>;
  readonly chunks: readonly PlacedChunk[];
  readonly pieces: readonly PlacedChunk[];
}

export interface LoadOptions extends LayerSource {
  /** Whether what upstream's pieces said is loaded too: it spares an update from upstream most of its work. */
  readonly withPieces: boolean;
  /** The share of rows that may go, see `maxRowLoss`. */
  readonly mostLoss: number;
}

/** Waits for whoever is at the feed. Throws what kept it from being loaded: then nothing has happened. */
export async function loadFeed(db: Database, given: LayerFeed, options: LoadOptions): Promise<FeedResult> {
  const { feed } = given;
  const { name, kind } = feed;
  await using lock = await db.lock(`feed:${kind}:${name}`, { signal: options.signal });
  const own = { ...options, signal: AbortSignal.any([options.signal, lock.signal]) };
  const known = await findFeed(db, feed);
  if (known !== undefined && isNewer(known.last_success, feed.last_success))
    return { ...NOTHING, name, kind, state: 'current' };
  const { id } = await ensureFeed(db, { name, kind, set: feed.feed_set, reader: feed.reader, scopes: [] });
  if (feed.last_success === null) {
    await db.transaction(async (tx) => {
      await replaceScopes(tx, id, given.indexed.scopes as readonly Scope[]);
      await saveFeed(tx, id, feed);
    });
    return { ...NOTHING, name, kind, state: 'unchanged' };
  }
  const difference = await compare(db, id, given, options.withPieces);
  const before = known?.row_count ?? 0;
  const loaded = await load(db, { id, before, ...given, ...difference }, own);
  const imported = loaded ?? (await load(db, { id, before, ...given, ...whole(given, options) }, own));
  if (imported === undefined)
    throw damaged(
      `${options.place.name}: ${name}`,
      `it has not the ${feed.row_count} rows that it should have`,
    );
  const state = imported.added + imported.removed > 0 ? 'updated' : 'unchanged';
  return { ...imported, name, kind, state, problems: feed.problem_count, rows: feed.row_count };
}

/** Whether the rows of all these feeds are still those of the layer that was loaded. */
export async function areHere(
  db: Session,
  feeds: readonly PublishedFeed[],
  withPieces: boolean,
): Promise<boolean> {
  for (const feed of feeds) {
    if (feed.last_success === null) continue;
    const known = await findFeed(db, feed);
    const pulled = known && (await loadPulled(db, known.id));
    if (pulled === undefined || known?.row_count !== feed.row_count) return false;
    if (withPieces && feed.kind === 'vulnerability' && pulled.pieces === '') return false;
  }
  return true;
}

/** Notes what is said anew of a feed whose rows are here. */
export async function touchFeed(db: Database, feed: PublishedFeed): Promise<FeedResult> {
  const { name, kind } = feed;
  const known = await findFeed(db, feed);
  if (known !== undefined && isNewer(known.last_success, feed.last_success))
    return { ...NOTHING, name, kind, state: 'current' };
  if (known !== undefined) await saveFeed(db, known.id, feed);
  return { ...NOTHING, name, kind, state: 'unchanged', rows: feed.row_count, problems: feed.problem_count };
}

/** What is here is from a later day than what is there. */
function isNewer(here: Date | null, there: string | null): boolean {
  return here !== null && (there === null || here.getTime() > Date.parse(there));
}

/** What has to be loaded. */
interface Difference {
  /** undefined: nothing is known of what is here. */
  readonly gone: readonly string[] | undefined;
  readonly fresh: readonly PlacedChunk[];
  /** Pieces, if they are to be loaded; and what they are known by. */
  readonly wantedPieces: readonly PlacedChunk[] | undefined;
}

async function compare(db: Session, id: number, given: LayerFeed, withPieces: boolean): Promise<Difference> {
  const pulled = await loadPulled(db, id);
  if (pulled === undefined) return whole(given, { withPieces });
  const there = new Set(given.chunks.map(({ digest }) => hexOf(digest)));
  const fresh = given.chunks.filter(({ digest }) => !pulled.chunks.has(hexOf(digest)));
  const gone = [...pulled.chunks].filter((digest) => !there.has(digest));
  const isChanged = fresh.length + gone.length > 0;
  // Of two probabilities each of all CVEs all change, every day.
  if (isChanged && given.indexed.rows === 'blocks') return whole(given, { withPieces });
  const wantsPieces = withPieces && (isChanged || pulled.pieces !== namePieces(given));
  return { gone, fresh, wantedPieces: wantsPieces ? given.pieces : undefined };
}

function whole(given: LayerFeed, { withPieces }: Pick<LoadOptions, 'withPieces'>): Difference {
  return { gone: undefined, fresh: given.chunks, wantedPieces: withPieces ? given.pieces : undefined };
}

function namePieces({ pieces }: LayerFeed): string {
  return sha256(Buffer.from(pieces.map(({ digest }) => digest).join(' ')));
}

const hexOf = (digest: string): string => digest.slice('sha256:'.length);

interface Load extends LayerFeed, Difference {
  readonly id: number;
  /** Rows that were here. */
  readonly before: number;
}

/** Whether the rows are here. */
function isSame({ gone, fresh }: Difference): boolean {
  return gone !== undefined && gone.length + fresh.length === 0;
}

/** undefined: rows of a part were loaded, and the sum is not what it should be. Then nothing has happened. */
async function load(db: Database, work: Load, options: LoadOptions): Promise<Imported | undefined> {
  const { id, feed, indexed, fresh, gone, wantedPieces } = work;
  const where = `${options.place.name}: ${feed.name}`;
  await using spooled = await spoolChunks(options, fresh);
  await using spooledPieces = wantedPieces && (await spoolChunks(options, wantedPieces));
  const known = gone && (await loadSums(db, id, gone));
  const names = new Set(known?.keys());
  const isHere = (name: string, sum: string): boolean => {
    const isSame = known?.get(name) === sum;
    if (isSame) names.delete(name);
    else if (known !== undefined) names.add(name);
    return isSame;
  };
  const chunks: Buffer[] = [];
  const lines = linesOf(spooled, chunkReader(indexed.rows, where, isHere), (digest, rows) => {
    chunks.push(pulledLine(id, digest, rows));
  });
  const finish = async (tx: Session, { rows }: Imported): Promise<void> => {
    if (rows !== feed.row_count) throw new OtherRows();
    guardRows(
      { name: feed.name, set: feed.feed_set, before: work.before, after: rows, problems: 0 },
      options.mostLoss,
    );
    if (spooledPieces !== undefined) await savePieces(tx, id, textOf(spooledPieces));
    await saveFeed(tx, id, feed);
    await savePulled(tx, id, {
      gone,
      fresh: chunks,
      pieces: spooledPieces === undefined ? (isSame(work) ? undefined : '') : namePieces(work),
    });
  };
  try {
    if (isSame(work)) return await touch(db, work, finish);
    const own = { id, signal: options.signal };
    if (indexed.rows !== 'advisories') {
      const extent = gone && { tags: names };
      const { fingerprint } = feed;
      const facts = { form: indexed.rows, lines, fingerprint, ...(extent && { extent }) };
      return await importStaged(db, facts, { ...own, finish });
    }
    const imported = await db.transaction(async (tx) => {
      await stageAdvisories(tx, lines, own);
      await replaceScopes(tx, id, indexed.scopes as readonly Scope[]);
      const extent = gone === undefined ? {} : { names };
      const result = await replaceAdvisories(tx, id, feed.fingerprint, extent);
      await finish(tx, result);
      options.signal.throwIfAborted();
      return result;
    });
    await analyzeAdvisories(db, imported);
    return imported;
  } catch (error) {
    if (error instanceof OtherRows) return undefined;
    throw asDamage(error, where);
  }
}

/** The rows are those that are here: what is said of the feed may be new. */
async function touch(
  db: Database,
  { id, feed, indexed }: Load,
  finish: (tx: Session, imported: Imported) => Promise<void>,
): Promise<Imported> {
  const imported = { rows: feed.row_count, added: 0, removed: 0 };
  await db.transaction(async (tx) => {
    if (feed.kind === 'vulnerability') await replaceScopes(tx, id, indexed.scopes as readonly Scope[]);
    await finish(tx, imported);
  });
  return imported;
}

/** Rows were loaded, and others than there should be. */
class OtherRows extends Error {}

/** Of this thread, made for its first pull. */
let collector: GarbageCollector | undefined;

async function* linesOf(
  spooled: SpooledChunks,
  read: ReturnType<typeof chunkReader>,
  onChunk: (digest: string, rows: ChunkRows) => void,
): AsyncGenerator<string> {
  collector ??= garbageCollector();
  for await (const { chunk, content } of spooled.read()) {
    const rows = read(content);
    collector.received(content.length);
    onChunk(hexOf(chunk.digest), rows);
    if (rows.lines !== '') yield rows.lines;
  }
}

async function* textOf(spooled: SpooledChunks): AsyncGenerator<string> {
  for await (const { content } of spooled.read()) yield content.toString();
}

/** PostgreSQL refuses what is no row: whoever made it is to blame, not the database. */
function asDamage(error: unknown, where: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^2[2-3]/.test(code) && !(error instanceof AppError)
    ? damaged(where, (error as Error).message)
    : error;
}
