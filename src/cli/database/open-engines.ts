/** Indexer and matcher in this process, on the embedded database or on one that was named. */
import { fileURLToPath } from 'node:url';
import { asset } from '../../asset.ts';
import type { Config } from '../../config/schema.ts';
import type { FeedSet } from '../../contract/feed.ts';
import { connect, type Database } from '../../db/database.ts';
import { withDatabase } from '../../db/dsn.ts';
import { migrate } from '../../db/migrate.ts';
import { ecosystems } from '../../ecosystems/index.ts';
import { enrichers } from '../../enrichers/index.ts';
import { AppError } from '../../errors.ts';
import { configuredLimits } from '../../indexer/configured-limits.ts';
import { createIndexer, type Indexer } from '../../indexer/indexer.ts';
import { LayerScanner } from '../../indexer/layer-scanner.ts';
import { createMatcher, type Matcher } from '../../matcher/matcher.ts';
import { exampleFeeds } from '../../matcher/updating/example-feeds.ts';
import { MATCHER_SCHEMA } from '../../schemas.ts';
import { debugLog } from '../terminal/debug-log.ts';
import type { DatabaseOptions } from './database-options.ts';
import type { FeedsFileOptions } from './feeds-file.ts';
import { openDatabase } from './open-database.ts';

export interface Engines extends AsyncDisposable {
  readonly indexer: Indexer;
  readonly matcher: Matcher;
  /** The matcher's. */
  readonly advisories: Database;
  /** A matcher of the example advisories on a database of its own on the embedded server; undefined on a named database. */
  readonly exampleMatcher?: (signal: AbortSignal) => Promise<Matcher>;
}

const EXAMPLE_DATABASE = 'clair_example';
const EXAMPLE_FILE = fileURLToPath(asset('examples/feeds/advisories.json'));

/** What the matcher is to know, if it is not what is in the database. */
export interface FeedsFile {
  /** See `openFeedsFile`. */
  readonly feeds: string;
  readonly signal: AbortSignal;
}

/** Connects and migrates. Throws `database`. */
export async function openEngines(
  options: DatabaseOptions,
  say: (text: string) => void,
  config?: Config,
  only?: FeedsFile,
): Promise<Engines> {
  await using resources = new AsyncDisposableStack();
  const { db, dsn } = resources.use(await openDatabase(options, say));
  const now = (): Date => new Date();
  const airgap = config?.indexer.airgap ?? false;
  const limits = configuredLimits(config?.indexer.layer_limits);
  const scanner = resources.use(new LayerScanner({ airgap, limits }));
  const resolving = config && { scanner: config.indexer.scanner, airgap, now };
  const indexer = createIndexer({
    db,
    ecosystems,
    scanner,
    log: debugLog(options),
    ...(resolving && { resolving }),
  });
  const advisories = only === undefined ? db : resources.use(await openOnly(only, { db, dsn, say }));
  const matcher = createMatcher({ db: advisories, ecosystems, enrichers, indexer, now });
  const owned = resources.move();
  return {
    indexer,
    matcher,
    advisories,
    ...(options.db === undefined &&
      only === undefined && {
        exampleMatcher: async (signal: AbortSignal) => {
          // Another scan may be at the same: only one at a time makes and loads it.
          await using _lock = await db.lock(`database:${EXAMPLE_DATABASE}`, { signal });
          await ensureDatabase(db, EXAMPLE_DATABASE);
          const examples = await connect(withDatabase(dsn, EXAMPLE_DATABASE), {
            applicationName: 'clairctl',
          });
          owned.use(examples);
          return await loadExample(examples, indexer, signal);
        },
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function openOnly(
  { feeds, signal }: FeedsFile,
  options: Omit<FeedsFileOptions, 'signal'>,
): Promise<Database> {
  const { openFeedsFile } = await import('./feeds-file.ts'); // all that reads exports
  return await openFeedsFile(feeds, { ...options, signal });
}

async function ensureDatabase(db: Database, name: string): Promise<void> {
  const found = await db.query({ text: 'select from pg_database where datname = $1', values: [name] });
  if (found.length === 0) await db.query({ text: `create database ${name}` });
}

/** The same engine with nothing but the example bundle for feeds. */
async function loadExample(db: Database, indexer: Indexer, signal: AbortSignal): Promise<Matcher> {
  await migrate(db, MATCHER_SCHEMA);
  const example: FeedSet = {
    set: 'example',
    feeds: async () =>
      exampleFeeds(
        EXAMPLE_FILE,
        ecosystems.map(({ versions }) => versions),
      ),
  };
  const matcher = createMatcher({
    db,
    ecosystems: ecosystems.map((ecosystem, index) => ({ ...ecosystem, feeds: index === 0 ? [example] : [] })),
    enrichers: [],
    indexer,
    now: () => new Date(),
  });
  const failed = (await matcher.updateFeeds({ signal })).find(({ state }) => state === 'failed');
  if (failed !== undefined) throw new AppError('feed', `cannot load the example feeds: ${failed.error}`);
  return matcher;
}
