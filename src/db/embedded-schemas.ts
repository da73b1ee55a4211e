/** Migrates a cluster that was made just now, so that its template has the tables already. */

import { connect } from './database.ts';
import type { Binaries } from './embedded-binaries.ts';
import { dsnOf, startServer, stopServer } from './embedded-cluster.ts';
import { startGuard } from './embedded-guard.ts';
import type { EmbeddedPlaces, RunAs } from './embedded-places.ts';
import { migrate } from './migrate.ts';
import type { MigrationOptions } from './migration-files.ts';

/** On a server of its own, without fsync: initdb does not sync either, and nothing else is in the cluster. Throws `database`. */
export async function migrateNew(
  places: EmbeddedPlaces,
  binaries: Binaries,
  runAs: RunAs | undefined,
  socketDir: string,
  schemas: readonly MigrationOptions[],
): Promise<void> {
  const server = await startServer(places, binaries, runAs, socketDir, { fsync: 'off' });
  const guard = startGuard(server.pid!, () => {}); // the keeper says so of its own server
  try {
    await using db = await connect(dsnOf(socketDir), { applicationName: 'clairctl' });
    for (const schema of schemas) await migrate(db, schema);
  } finally {
    await stopServer(server);
    guard.kill('SIGKILL');
  }
}
