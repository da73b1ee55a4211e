/** Loads what is wanted of a published database: layer by layer, feed by feed, each in a transaction of its own. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Enricher } from '../../contract/enricher.ts';
import type { Database } from '../../db/database.ts';
import { messageOf } from '../../errors.ts';
import { ROW_REVISION } from '../importing/advisory-row.ts';
import { OFFLINE_READER } from '../offline/import-operation.ts';
import { loadPulledLayers, saveLayers, saveLoaded } from '../store/pulled.ts';
import { maxRowLoss } from '../updating/guard-rows.ts';
import { createTaskQueue } from '../updating/task-queue.ts';
import { type FeedResult, NOTHING } from '../updating/update-run.ts';
import { damaged, type LayerEntry, type LayerIndex, type PublishedFeed } from './format.ts';
import { areHere, type LayerFeed, loadFeed, touchFeed } from './load-feed.ts';
import { openLayer, type PublishedDatabase } from './open-database.ts';
import { saveSet } from './save-rows.ts';
import type { PlacedChunk } from './spool-chunks.ts';

export interface PullParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly enrichers: readonly Enricher[];
  readonly now: () => Date;
}

export interface PullOptions {
  readonly signal: AbortSignal;
  /** Which layers; default: all that this program has a use for. */
  readonly wanted?: (layer: LayerEntry) => boolean;
  /** See `LoadOptions`; default: true. */
  readonly withPieces?: boolean;
  /** `updaters.config`: of what feeds may lose. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly onProgress?: (progress: PullProgress) => void;
}

export interface PullProgress {
  /** Of the layer that something was just done for. */
  readonly name: string;
  readonly layers: number;
  readonly layersOf: number;
  /** Bytes that came so far, of at most so many. */
  readonly bytes: number;
  readonly of: number;
}

/** Layers at a time: one is fetched while another is loaded. */
const PARALLEL = 2;

/**
 * One result a feed, in the order of their names. What one feed fails of leaves the others alone; throws only when stopped.
 */
export async function pullDatabase(
  parts: PullParts,
  database: PublishedDatabase,
  options: PullOptions,
): Promise<FeedResult[]> {
  const { wanted = () => true, signal, onProgress } = options;
  const layers = database.config.layers.filter(wanted);
  await noteLayers(parts, database);
  const loaded = new Map((await loadPulledLayers(parts.db)).map((layer) => [layer.name, layer.loaded]));
  const slots = createTaskQueue(PARALLEL);
  const of = layers.reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  let done = 0;
  const tell = (name: string): void =>
    onProgress?.({ name, layers: done, layersOf: layers.length, bytes, of });
  const results = await Promise.all(
    layers.map((layer) =>
      slots(async () => {
        const own = await pullLayer(parts, database, layer, {
          ...options,
          isLoaded: loaded.get(layer.name) === layer.digest,
          onBytes: (more) => {
            bytes += more;
            tell(layer.name);
          },
        });
        done++;
        tell(layer.name);
        return own;
      }),
    ),
  );
  signal.throwIfAborted();
  const all = results.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
  await saveSets(parts.db, database, all);
  return all;
}

async function pullLayer(
  parts: PullParts,
  database: PublishedDatabase,
  layer: LayerEntry,
  options: PullOptions & { readonly isLoaded: boolean; readonly onBytes: (bytes: number) => void },
): Promise<FeedResult[]> {
  const { place, config } = database;
  const { signal, withPieces = true, onBytes } = options;
  const feeds = layer.feeds.map((position) => config.feeds[position]!);
  if (options.isLoaded && (await areHere(parts.db, feeds, withPieces)))
    return await Promise.all(feeds.map((feed) => touchFeed(parts.db, feed)));
  let index: LayerIndex;
  try {
    signal.throwIfAborted();
    index = await openLayer(database, layer);
  } catch (error) {
    signal.throwIfAborted();
    return feeds.map((feed) => failed(feed, messageOf(error)));
  }
  const results: FeedResult[] = [];
  let at = 0;
  for (const { chunks, pieces, ...indexed } of index.feeds) {
    const place_ = (chunk: LayerIndex['feeds'][number]['chunks'][number]): PlacedChunk => {
      const placed = { ...chunk, at };
      at += chunk.size;
      return placed;
    };
    const given = { indexed, chunks: chunks.map(place_), pieces: pieces.map(place_) };
    const feed = feeds.find(({ kind, name }) => kind === indexed.kind && name === indexed.name);
    if (feed === undefined) continue;
    results.push(
      await pullFeed(
        parts,
        { ...given, feed },
        {
          place,
          digest: layer.digest,
          signal,
          onBytes,
          withPieces,
          mostLoss: maxRowLoss(options.config, { name: feed.name, set: feed.feed_set }),
        },
      ),
    );
  }
  for (const feed of feeds)
    if (!results.some(({ kind, name }) => kind === feed.kind && name === feed.name))
      results.push(
        failed(feed, damaged(`${place.name}: layer ${layer.name}`, `${feed.name} is missing`).message),
      );
  if (results.every(({ state }) => state !== 'failed')) await saveLoaded(parts.db, layer.name, layer.digest);
  return results;
}

async function noteLayers(
  { db, now }: PullParts,
  { place, config, created }: PublishedDatabase,
): Promise<void> {
  await saveLayers(
    db,
    config.layers.map(({ name, digest, scopes }) => ({
      name,
      repository: place.name,
      digest,
      scopes,
      created,
      checked: now(),
    })),
  );
}

async function pullFeed(
  parts: PullParts,
  given: LayerFeed,
  options: Parameters<typeof loadFeed>[2],
): Promise<FeedResult> {
  const { feed } = given;
  try {
    const reason = unfit(parts, given);
    if (reason !== undefined) return failed(feed, reason);
    return await loadFeed(parts.db, given, options);
  } catch (error) {
    options.signal.throwIfAborted();
    return failed(feed, messageOf(error));
  }
}

/** Why the rows of a feed are of no use here; undefined: they are of use. */
function unfit(
  { ecosystems, enrichers }: Pick<PullParts, 'ecosystems' | 'enrichers'>,
  { feed: { name, kind, reader, last_success }, indexed }: LayerFeed,
): string | undefined {
  if (last_success === null) return undefined;
  if (kind === 'enrichment') {
    const enricher = enrichers.find((each) => each.name === name);
    const rows = enricher?.probabilities === undefined ? 'records' : 'blocks';
    return enricher === undefined || rows !== indexed.rows
      ? `${name}: nothing here has a use for it`
      : undefined;
  }
  const readers = [OFFLINE_READER, ...ecosystems.map(({ versions }) => `${versions.id} ${ROW_REVISION}`)];
  return readers.some((each) => reader === each || reader.startsWith(`${each} `))
    ? undefined
    : `${name}: its versions are in an order that this release does not know (${reader}): use the release that the database was made for, or --update upstream`;
}

function failed({ name, kind }: PublishedFeed, error: string): FeedResult {
  return { ...NOTHING, name, kind, state: 'failed', error };
}

/** A set is as it was there once all its feeds are: before that, upstream has to be asked for the others. */
async function saveSets(
  db: Database,
  { config }: PublishedDatabase,
  results: readonly FeedResult[],
): Promise<void> {
  const isHere = ({ kind, name }: PublishedFeed): boolean =>
    results.some((each) => each.kind === kind && each.name === name && each.state !== 'failed');
  for (const set of config.sets)
    if (config.feeds.filter(({ feed_set }) => feed_set === set.name).every(isHere)) await saveSet(db, set);
}
