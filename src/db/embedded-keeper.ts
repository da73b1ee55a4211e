/**
 * The process that keeps the server of one data directory: started by the first user of the directory, it starts
 * the server, counts the users by their connections to its socket, and stops the server when the last one is gone, or
 * when it has stayed as long as that one wished. A connection ends however its process ends, so nobody can leave the server
 * running for good.
 *
 *     embedded-keeper.ts DATA_DIR [LEDGER FOLDER]…    says on stdout, a JSON value a line: {log} or {error}
 *
 * A new database may have what the migrations of these folders (URLs) make.
 *
 * Until it has the lock of the directory it runs as long as its standard input is open.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '../errors.ts';
import { collectYoung } from '../lib/free-memory.ts';
import { findBinaries } from './embedded-binaries.ts';
import { createCluster, dsnOf, startServer, stopServer } from './embedded-cluster.ts';
import { startGuard } from './embedded-guard.ts';
import {
  makeLockFile,
  placesOf,
  prepareDataDir,
  prepareSocketDir,
  readSmall,
  removeStaleSockets,
} from './embedded-places.ts';
import { serveUsers } from './embedded-users.ts';
import { lockFile } from './exclusive-file.ts';
import { fingerprint, type MigrationOptions } from './migration-files.ts';

const LOCK_MS = 1000;

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function keep(dataDir: string, schemas: readonly MigrationOptions[]): Promise<void> {
  const runAs = prepareDataDir(dataDir);
  const places = placesOf(dataDir);
  makeLockFile(places);
  using lock = await lockWhileWanted(places.lock);
  if (lock === undefined) return;

  removeStaleSockets(places);
  const socketDir = prepareSocketDir(dataDir, runAs);
  const binaries = findBinaries(dataDir, runAs);
  if (!existsSync(places.cluster)) say({ log: `making the embedded database in ${dataDir}` });
  await createCluster(places, binaries, runAs, {
    name: () => fingerprint(schemas),
    async complete(cluster) {
      if (schemas.length === 0) return;
      const { migrateNew } = await import('./embedded-schemas.ts'); // the driver: only once for an installation
      await migrateNew({ ...places, cluster }, binaries, runAs, socketDir, schemas);
    },
  });
  collectYoung(); // the unpacked template
  const server = await startServer(places, binaries, runAs, socketDir);
  const guard = startGuard(server.pid!, (error) =>
    say({ log: `nothing ends the embedded database if its keeper is killed: ${messageOf(error)}` }),
  );
  writeFileSync(places.sockets, socketDir, { mode: 0o600 });
  const lastUser = await serveUsers(join(socketDir, 'keeper'), dsnOf(socketDir), server, places);
  await stopServer(server);
  guard.kill('SIGKILL'); // before anybody else gets the server's number
  // The directory may be another one of its name by now, with a keeper of its own.
  if (existsSync(places.sockets) && readSmall(places.sockets) === socketDir) rmSync(places.sockets);
  rmSync(socketDir, { recursive: true, force: true });
  lock[Symbol.dispose]();
  lastUser?.end(); // whoever waits for the end of the server may now start another
}

/** undefined: another keeper is at it, or whoever started this one has joined that one's server, or is gone. */
async function lockWhileWanted(path: string): Promise<Disposable | undefined> {
  let isWanted = true;
  const leave = () => (isWanted = false);
  process.stdin.on('error', leave).on('end', leave).on('close', leave);
  (process.stdin.resume() as Socket).unref();
  for (const deadline = Date.now() + LOCK_MS; isWanted && Date.now() < deadline; await sleep(20)) {
    const lock = lockFile(path);
    if (lock === undefined) continue;
    await nextTurn(); // the end of the input may have come while this process stood still
    if (isWanted) return lock;
    lock[Symbol.dispose]();
  }
  return undefined;
}

function schemasOf(args: readonly string[]): MigrationOptions[] {
  const pairs = Array.from({ length: args.length >> 1 }, (_, at) => args.slice(2 * at, 2 * at + 2));
  return pairs.map(([ledger, directory]) => ({ ledger: ledger!, directory: new URL(directory!) }));
}

process.stdout.on('error', () => {}); // who started this may be gone
try {
  await keep(process.argv[2]!, schemasOf(process.argv.slice(3)));
} catch (error) {
  const reason = messageOf(error);
  say({
    error:
      error instanceof AppError
        ? reason
        : `the embedded database in ${process.argv[2]} cannot be used: ${reason}; choose another directory, or free some space`,
  });
  process.exitCode = 1;
}
