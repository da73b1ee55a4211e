/** The database of a command: the embedded one, or one that was named. */
import { resolve } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { connect, type Database } from '../../db/database.ts';
import { parseDsn } from '../../db/dsn.ts';
import { startEmbedded } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { INDEXER_SCHEMA, MATCHER_SCHEMA, type Schema } from '../../schemas.ts';
import type { DatabaseOptions } from './database-options.ts';

export interface OpenDatabase extends AsyncDisposable {
  readonly db: Database;
  readonly dsn: string;
  /** For people: where it is, without a password. */
  readonly name: string;
}

/** Starts it if need be, connects and migrates. Throws `database`. */
export async function openDatabase(
  options: DatabaseOptions,
  say: (text: string) => void,
  schemas: readonly Schema[] = [INDEXER_SCHEMA, MATCHER_SCHEMA],
): Promise<OpenDatabase> {
  await using resources = new AsyncDisposableStack();
  let dsn = options.db;
  const name = dsn === undefined ? `the embedded one in ${resolve(options.dataDir)}` : nameOfServer(dsn);
  if (dsn === undefined) {
    const { dataDir, dbLinger: linger = 0 } = options;
    const server = await startEmbedded({ dataDir, schemas, log: say, linger });
    resources.use(server);
    dsn = server.dsn;
  }
  const db = resources.use(await connect(dsn, { applicationName: 'clairctl' }));
  for (const schema of schemas) await migrate(db, schema);
  const owned = resources.move();
  return { db, dsn, name, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function nameOfServer(dsn: string): string {
  const { servers, database } = parseDsn(dsn);
  const hosts = servers.map(({ host, port }) =>
    host.startsWith('/') ? `${host} port ${port}` : `${host}:${port}`,
  );
  return `PostgreSQL ${hosts.join(', ')}, database ${database}`;
}

/** With a server's configuration it is the matcher's database that is meant, as in Clair, unless another one is named. */
export function matcherDatabaseOf(options: DatabaseOptions, { matcher }: Config): DatabaseOptions {
  const dsn = options.db ?? (options.config === undefined ? '' : matcher.connstring.reveal());
  return dsn === '' ? options : { ...options, db: dsn };
}
