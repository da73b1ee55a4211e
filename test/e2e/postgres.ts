/** A PostgreSQL server of a test's own, that can be stopped, killed and started again at the same address. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/db/database.ts';
import { findBinaries } from '../../src/db/embedded-binaries.ts';
import { prepareDataDir } from '../../src/db/embedded-places.ts';
import { freePort } from '../conformance/service.ts';

/** Running when it is made; gone with its data when disposed. */
export interface Postgres extends AsyncDisposable {
  /** Connection string of a database: `postgres` is there. */
  dsn(database: string): string;
  /** SIGKILL for the server: its processes end as they notice. */
  kill(): Promise<void>;
  /** Ends connections in an orderly way. */
  stop(): Promise<void>;
  /** Starts it again. */
  start(): Promise<void>;
}

const READY_MS = 30_000;

/** `parent`: where its folder is made; default the system's temporary directory. */
export async function startPostgres(parent = tmpdir()): Promise<Postgres> {
  const folder = mkdtempSync(join(parent, 'clair-postgres-'));
  const runAs = prepareDataDir(folder);
  const { initdb, postgres } = findBinaries(folder, runAs);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (runAs !== undefined) chownSync(data, runAs.uid, runAs.gid);
  const options = { ...runAs, cwd: data, stdio: 'ignore' } as const;
  execFileSync(
    initdb,
    ['-D', data, '-U', 'clair', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N'],
    options,
  );
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
  const dsn = (database: string): string =>
    `postgresql://clair@127.0.0.1:${port}/${database}?sslmode=disable&connect_timeout=5`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await sleep(200)) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null)
        child = spawn(postgres, ['-D', data, ...settings.flatMap((each) => ['-c', each])], options);
      try {
        await using _db = await connect(dsn('postgres'), { applicationName: 'test', max: 1 });
        return;
      } catch {
        // Not yet; or the processes of one that was killed still hold its memory.
      }
    }
    throw new Error('PostgreSQL does not start');
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  await start();
  return {
    dsn,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
    async [Symbol.asyncDispose]() {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
