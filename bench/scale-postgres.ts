/** A PostgreSQL of the system with its default settings, thrown away afterwards; the embedded one where there is none. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Database } from '../src/db/database.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { freePort } from '../test/conformance/service.ts';
import { clusterCpu, parentOf } from './measure.ts';

/** Where packages of Debian and its kin have the servers, one folder for each major version. */
const PACKAGED = '/usr/lib/postgresql';
const READY_MS = 30_000;

/** A server with two databases. */
export interface ScaleServer extends AsyncDisposable {
  /** `15 (defaults)`, or `embedded`. */
  readonly label: string;
  dsn(database: 'indexer' | 'matcher'): string;
  /** Connected to the matcher's database. */
  readonly matcher: Database;
  /** Seconds of processor time of all its processes, those that ended as well. */
  cpu(): number;
  /** Bytes of write-ahead log since it was made. */
  wal(): Promise<number>;
  /** Bytes of the matcher's database. */
  size(): Promise<number>;
}

/** Starts a server in a temporary folder. As root it runs as the user postgres. */
export async function startServer(): Promise<ScaleServer> {
  await using resources = new AsyncDisposableStack();
  const { label, dsn } = resources.use((await startPackaged()) ?? (await startOwn()));
  const own = (database: string) => `${dsn} dbname=${database}`;
  {
    await using admin = await connect(own('postgres'), { applicationName: 'bench', max: 1 });
    for (const name of ['indexer', 'matcher']) await admin.query({ text: `create database ${name}` });
  }
  const matcher = resources.use(await connect(own('matcher'), { applicationName: 'bench', max: 1 }));
  const postmaster = await postmasterOf(matcher);
  const kept = resources.move();
  const figure = async (text: string): Promise<number> =>
    (await matcher.query<{ figure: number }>({ text: `select (${text})::float8 as figure` }))[0]!.figure;
  return {
    label,
    dsn: own,
    matcher,
    cpu: () => clusterCpu(postmaster),
    wal: () => figure(`pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')`),
    size: () => figure('pg_database_size(current_database())'),
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

/** Waits until the server has vacuumed what was changed before: that would be in the figures. */
export async function vacuumed(db: Database): Promise<void> {
  for (let quiet = 0; quiet < 3; await sleep(1000)) {
    const workers = await db.query({
      text: "select from pg_stat_activity where backend_type = 'autovacuum worker'",
    });
    quiet = workers.length === 0 ? quiet + 1 : 0;
  }
}

interface Running extends AsyncDisposable {
  readonly label: string;
  readonly dsn: string;
}

async function startPackaged(): Promise<Running | undefined> {
  const versions = existsSync(PACKAGED) ? readdirSync(PACKAGED).sort((a, b) => Number(b) - Number(a)) : [];
  const version = versions.find((name) => existsSync(join(PACKAGED, name, 'bin', 'initdb')));
  if (version === undefined) return undefined;
  const bin = join(PACKAGED, version, 'bin');
  const runAs = process.getuid?.() === 0 ? userOf('postgres') : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'clair-scale-'));
  if (runAs !== undefined) chownSync(folder, runAs.uid, runAs.gid);
  const data = join(folder, 'data');
  const options = { ...runAs, cwd: folder, stdio: 'ignore' } as const;
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'clair', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'],
    options,
  );
  const port = await freePort();
  const settings = [`port=${port}`, `unix_socket_directories=${folder}`, 'listen_addresses='];
  const child = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...settings.flatMap((each) => ['-c', each])],
    options,
  );
  const dsn = `host=${folder} port=${port} user=clair sslmode=disable`;
  await ready(child, `${dsn} dbname=postgres`);
  return {
    label: `PostgreSQL ${version}`,
    dsn,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startOwn(): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-scale-'));
  const server = await startEmbedded({ dataDir: folder });
  return {
    label: 'embedded PostgreSQL',
    dsn: server.dsn.replace(/ dbname=\w+/, ''),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function userOf(name: string): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function ready(child: ChildProcess, dsn: string): Promise<void> {
  for (const deadline = Date.now() + READY_MS; ; ) {
    if (child.exitCode !== null) throw new Error(`the PostgreSQL server ended with ${child.exitCode}`);
    try {
      await using database = await connect(dsn, { applicationName: 'bench', max: 1 });
      await database.query({ text: 'select 1' });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

async function postmasterOf(db: Database): Promise<number> {
  const [row] = await db.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
  return parentOf(row!.pid);
}
