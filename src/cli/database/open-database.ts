/** The database of a command: the embedded one, or one that was named. */
import type { Config } from '../../config/schema.ts';
import { connect, type Database } from '../../db/database.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { INDEXER_SCHEMA, MATCHER_SCHEMA } from '../../schemas.ts';
import type { DatabaseOptions } from './database-options.ts';

export interface OpenDatabase extends AsyncDisposable {
  readonly db: Database;
  readonly dsn: string;
}

/** Starts it if need be, connects and migrates. Throws `database`. */
export async function openDatabase(
  options: DatabaseOptions,
  say: (text: string) => void,
): Promise<OpenDatabase> {
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
  const owned = resources.move();
  return { db, dsn, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** With a server's configuration it is the matcher's database that is meant, as in Clair, unless another one is named. */
export function matcherDatabaseOf(options: DatabaseOptions, { matcher }: Config): DatabaseOptions {
  const dsn = options.db ?? (options.config === undefined ? '' : matcher.connstring.reveal());
  return dsn === '' ? options : { ...options, db: dsn };
}
