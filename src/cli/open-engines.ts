/** Indexer and matcher in this process, on the embedded database or on one that was named. */
import { tmpdir } from 'node:os';
import { connect, type Database } from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { migrate } from '../db/migrate.ts';
import { ecosystems } from '../ecosystems/index.ts';
import { enrichers } from '../enrichers/index.ts';
import { createIndexer, type Indexer } from '../indexer/indexer.ts';
import { LayerScanner } from '../indexer/layer-scanner.ts';
import { noLog } from '../lib/log.ts';
import { createMatcher, type Matcher } from '../matcher/matcher.ts';
import { INDEXER_SCHEMA, MATCHER_SCHEMA } from '../schemas.ts';
import type { DatabaseOptions } from './database-options.ts';

export interface Engines extends AsyncDisposable {
  readonly indexer: Indexer;
  readonly matcher: Matcher;
  /** A matcher on an empty throw-away database of the embedded server; undefined on a named database, which is not ours to add to. */
  readonly scratchMatcher?: () => Promise<Matcher>;
}

const SCRATCH = 'clair_example';

/** Connects and migrates. Throws `database`. */
export async function openEngines(options: DatabaseOptions, say: (text: string) => void): Promise<Engines> {
  await using resources = new AsyncDisposableStack();
  let dsn = options.db;
  if (dsn === undefined) {
    const server = await startEmbedded({ dataDir: options.dataDir, log: say });
    resources.use(server);
    dsn = server.dsn;
  }
  const db = resources.use(await connect(dsn, { applicationName: 'clairctl' }));
  await migrate(db, INDEXER_SCHEMA);
  await migrate(db, MATCHER_SCHEMA);
  const scanner = resources.use(new LayerScanner({}));
  const indexer = createIndexer({ db, ecosystems, scanner, log: noLog });
  const matcherOn = (on: Database): Matcher =>
    createMatcher({ db: on, ecosystems, enrichers, indexer, now: () => new Date(), log: noLog });
  const embeddedDsn = options.db === undefined ? dsn : undefined;
  const owned = resources.move();
  return {
    indexer,
    matcher: matcherOn(db),
    ...(embeddedDsn !== undefined && {
      scratchMatcher: async () => {
        await db.query({ text: `drop database if exists ${SCRATCH} with (force)` });
        await db.query({ text: `create database ${SCRATCH}` });
        const scratch = owned.use(await connect(`${embeddedDsn} dbname=${SCRATCH}`, { applicationName: 'clairctl' }));
        await migrate(scratch, MATCHER_SCHEMA);
        return matcherOn(scratch);
      },
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Where archives are unpacked to for the time of a scan. */
export function spoolDir(): string {
  return process.env.TMPDIR || tmpdir();
}
