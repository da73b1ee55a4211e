/** Makes, starts and stops the PostgreSQL server of a data directory; its caller holds the directory's lock. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Binaries } from './embedded-binaries.ts';
import { type EmbeddedPlaces, PORT, type RunAs, reachable, readSmall } from './embedded-places.ts';
import { canPack, packTemplate, templatePath, unpackTemplate } from './embedded-template.ts';

const SUPERUSER = 'clair';
/**
 * s that the server has to let somebody in. Its end closes its connections at once: what does not answer is a busy machine, which
 * is no reason to end what runs.
 */
const CONNECT_S = 120;
const START_LIMIT_MS = 120_000; // crash recovery of a big import takes its time
const ENVIRONMENT = { PATH: process.env.PATH ?? '/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' };

/** One machine, few sessions, little memory; what was committed stays after a crash (fsync is on). */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  port: String(PORT),
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '32MB',
  effective_cache_size: '512MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  dynamic_shared_memory_type: 'mmap', // a container's /dev/shm is often 64 MB
  io_method: 'sync',
  max_wal_size: '512MB',
  min_wal_size: '32MB',
  checkpoint_timeout: '15min',
  wal_level: 'minimal', // nobody replicates it
  wal_compression: 'on',
  max_wal_senders: '0',
  random_page_cost: '1.1',
  jit: 'off',
  autovacuum: 'on',
  autovacuum_max_workers: '2',
  max_parallel_workers_per_gather: '1',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] ',
};

/** The connection string of the server with its socket in `socketDir`. Nobody is asked for a password, and that of the environment is none of its business. */
export function dsnOf(socketDir: string): string {
  return `host='${socketDir.replace(/[\\']/g, '\\$&')}' port=${PORT} user=${SUPERUSER} password=none dbname=postgres sslmode=disable connect_timeout=${CONNECT_S}`;
}

/** What initdb is told, beside the directory. */
const INITDB = [
  `--username=${SUPERUSER}`,
  '--auth=trust', // the socket's directory is private
  '--encoding=UTF8',
  '--locale-provider=builtin', // the same order on every system, whatever locales it has
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  '--no-sync',
  '--no-instructions',
];

/** What a cluster has beside what initdb makes. */
export interface Completion {
  /** Tells it from another completion. */
  name(): Promise<string>;
  /** Adds it to the cluster in the directory `cluster`, and leaves no server behind. */
  complete(cluster: string): Promise<void>;
}

/**
 * Makes the cluster if there is none, as a copy of one that was made before; one that was interrupted in the making is made again.
 * It is complete if copies can be made of it: elsewhere the caller's first user does the same on a server that stays.
 */
export async function createCluster(
  places: EmbeddedPlaces,
  binaries: Binaries,
  runAs: RunAs | undefined,
  completion: Completion,
): Promise<void> {
  for (const name of readdirSync(places.dataDir)) {
    if (name.startsWith('cluster.new-')) rmSync(join(places.dataDir, name), { recursive: true, force: true });
  }
  if (existsSync(places.cluster)) return;
  const unfinished = join(places.dataDir, `cluster.new-${process.pid}`);
  mkdirSync(unfinished, { mode: 0o700 });
  const template = templatePath(binaries.postgres, [...INITDB, await completion.name()]);
  if (!unpackTemplate(template, unfinished, runAs)) {
    if (runAs !== undefined) lchownSync(unfinished, runAs.uid, runAs.gid);
    await initialize(unfinished, places, binaries, runAs);
    if (canPack(template)) {
      await completion.complete(unfinished);
      packTemplate(template, unfinished, runAs);
    }
  }
  renameSync(unfinished, places.cluster);
}

async function initialize(
  unfinished: string,
  places: EmbeddedPlaces,
  { initdb }: Binaries,
  runAs: RunAs | undefined,
): Promise<void> {
  const child = spawn(initdb, [`--pgdata=${reachable(unfinished, runAs)}`, ...INITDB], {
    ...runAs,
    env: ENVIRONMENT,
    cwd: unfinished,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-8192)));
  const code = await exitOf(child, places.dataDir);
  if (code !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw failure('create', places, errors);
  }
}

/** Starts the server, with some settings beside those of all; resolves when it takes connections. */
export async function startServer(
  places: EmbeddedPlaces,
  { postgres }: Binaries,
  runAs: RunAs | undefined,
  socketDir: string,
  more: Readonly<Record<string, string>> = {},
): Promise<ChildProcess> {
  await stopOrphan(places);
  for (const name of readdirSync(socketDir)) rmSync(join(socketDir, name), { force: true });
  const settings = Object.entries({ ...SETTINGS, ...more, unix_socket_directories: quoted(socketDir) });
  for (const deadline = Date.now() + START_LIMIT_MS; ; ) {
    const log = openSync(places.log, 'w', 0o600);
    const child = spawn(
      postgres,
      [
        '-D',
        reachable(places.cluster, runAs),
        ...settings.flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ],
      {
        ...runAs,
        env: ENVIRONMENT,
        cwd: places.cluster,
        stdio: ['ignore', log, log],
      },
    );
    closeSync(log);
    if (await becomesReady(child, places, deadline)) return child;
    const said = readFileSync(places.log, 'utf8').slice(-8192); // root's own, and a few lines of this start
    // Processes of a server that was killed notice it, and go; this takes a moment.
    if (!/still in use/.test(said) || Date.now() > deadline - START_LIMIT_MS + 10_000)
      throw failure('start', places, said);
    await sleep(200);
  }
}

/** Stops a server: sessions are ended, what is committed is written. Resolves when it is gone. */
export async function stopServer(child: ChildProcess): Promise<void> {
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  await escalate(isGone, (signal) => child.kill(signal));
}

/** A server whose keeper was killed, and the lock file that one leaves whose machine went down. */
async function stopOrphan(places: EmbeddedPlaces): Promise<void> {
  const pidFile = join(places.cluster, 'postmaster.pid');
  const pid = Number(readPidFile(pidFile)[0]);
  if (!(pid > 1)) return rmSync(pidFile, { force: true });
  const isGone = () => !isServerOf(pid, places.cluster);
  await escalate(isGone, (signal) => process.kill(pid, signal));
  rmSync(pidFile, { force: true }); // the number may be somebody else's by now: PostgreSQL would refuse to start
}

// postgres(1): SIGINT ends sessions and shuts down, SIGQUIT leaves the rest to the recovery of the next start
async function escalate(isGone: () => boolean, kill: (signal: NodeJS.Signals) => void): Promise<void> {
  for (const [signal, patience] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ] as const) {
    if (isGone()) return;
    kill(signal);
    for (const end = Date.now() + patience; !isGone() && Date.now() < end; ) await sleep(10);
  }
}

function isServerOf(pid: number, cluster: string): boolean {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === cluster; // it works in there
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(cluster);
  } catch {
    return false;
  }
}

async function becomesReady(child: ChildProcess, places: EmbeddedPlaces, deadline: number): Promise<boolean> {
  let ended = false;
  const exit = exitOf(child, places.dataDir).finally(() => (ended = true));
  exit.catch(() => {}); // awaited below
  while (!ended && Date.now() < deadline) {
    const lines = readPidFile(join(places.cluster, 'postmaster.pid'));
    // pg_ctl waits for the same: the eighth line says what the server is about
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return true;
    await sleep(10);
  }
  if (!ended) await stopServer(child);
  await exit;
  return false;
}

async function exitOf(child: ChildProcess, dataDir: string): Promise<number | null> {
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code;
  } catch (cause) {
    // The programs are there: it is their loader that is not.
    const reason =
      (cause as { code?: string }).code === 'ENOENT'
        ? 'they need a system with glibc 2.27 or later'
        : String(cause);
    throw new AppError('database', `the embedded PostgreSQL of ${dataDir} cannot be run here: ${reason}`, {
      cause,
    });
  }
}

function readPidFile(path: string): string[] {
  try {
    return readSmall(path).split('\n');
  } catch {
    return [];
  }
}

/** A list setting: names in double quotes. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const CAUSES: readonly [pattern: RegExp, advice: string][] = [
  [
    /No space left on device|Check free disk space|disk full|Disk quota exceeded/i,
    'the disk is full. Free at least 100 MB, or choose another directory with --data-dir',
  ],
  [
    /could not look up effective user|user does not exist/,
    'PostgreSQL requires an entry for its user in /etc/passwd',
  ],
  [
    /incompatible with server/,
    'it was created by another PostgreSQL version. Delete the directory; the next scan rebuilds the database',
  ],
  [/Permission denied/, 'a permission is missing'],
];

/** What a failed program said, in one sentence with what to do. */
export function failure(
  verb: 'create' | 'start',
  { dataDir }: Pick<EmbeddedPlaces, 'dataDir'>,
  said: string,
): AppError {
  const cause = CAUSES.find(([pattern]) => pattern.test(said))?.[1];
  const lines = said
    .trim()
    .split('\n')
    .filter((line) => /\b(error|FATAL|PANIC|DETAIL|HINT)\b/.test(line))
    .slice(-4);
  const detail = (lines.length > 0 ? lines : said.trim().split('\n').slice(-3)).join(' | ').trim();
  return new AppError(
    'database',
    `cannot ${verb} the embedded database in ${dataDir}: ${[cause, detail].filter(Boolean).join('; ') || 'it gave no reason'}`,
  );
}
