/** The embedded PostgreSQL server: one for each data directory, shared by all processes that use it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, realpathSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AppError, messageOf } from '../errors.ts';
import { lingerOf } from './embedded-linger.ts';
import { canEnter, ownerOf, placesOf, readSmall } from './embedded-places.ts';
import type { MigrationOptions } from './migration-files.ts';

const JOIN_LIMIT_MS = 150_000;
const STOP_LIMIT_MS = 60_000;
const POLL_MS = 25;
/**
 * ms for the keeper to let a user in. Its end closes the connection at once, and who leaves too early is taken for its last user, for whose sake it
 * stops the server.
 */
const GREETING_MS = 60_000;
const GREETING_LIMIT = 16 * 1024; // characters

/** A use of an embedded server: it runs at least until this is disposed, or the process ends in whatever way. */
export interface EmbeddedServer extends AsyncDisposable {
  readonly dsn: string;
  /** It was running already, for another process. */
  readonly shared: boolean;
}

export interface EmbeddedOptions {
  /** Made if it is not there, with mode 0700. */
  readonly dataDir: string;
  readonly log?: (message: string) => void;
  /** What the caller will migrate: where the database is made now, this may be done already. */
  readonly schemas?: readonly MigrationOptions[];
  /** If nobody else uses the server when this use ends: how long it stays for the next one, in ms; default: it stops. */
  readonly linger?: number;
}

/** Joins the server of `dataDir`, or starts it, making the database the first time. Throws `database`. */
export async function startEmbedded({
  dataDir,
  log = () => {},
  schemas = [],
  linger = 0,
}: EmbeddedOptions): Promise<EmbeddedServer> {
  const directory = canonical(dataDir);
  const { socket, dsn, shared } = await joinOrStart(directory, schemas, log);
  const wish = lingerOf(linger);
  if (wish !== undefined) socket.write(JSON.stringify(wish));
  let disposing = false;
  socket.on('close', () => disposing || log(`the embedded database in ${directory} has stopped`));
  socket.unref(); // forgetting to dispose must not keep the process
  return {
    dsn,
    shared,
    async [Symbol.asyncDispose]() {
      if (disposing || socket.destroyed) return;
      disposing = true;
      socket.ref();
      // The last user's connection is closed when the server is gone, unless it is to linger.
      const closed = once(socket, 'close', { signal: AbortSignal.timeout(STOP_LIMIT_MS) });
      socket.end();
      await closed.catch(() => socket.destroy());
    },
  };
}

interface Use {
  readonly socket: Socket;
  readonly dsn: string;
  /** The process that keeps the server. */
  readonly keeper: number;
}

async function joinOrStart(
  dataDir: string,
  schemas: readonly MigrationOptions[],
  log: (message: string) => void,
): Promise<Use & { readonly shared: boolean }> {
  let keeper: Keeper | undefined;
  try {
    for (const deadline = Date.now() + JOIN_LIMIT_MS; Date.now() < deadline; ) {
      const use = await joinRunning(dataDir);
      if (use !== undefined) return { ...use, shared: use.keeper !== keeper?.pid };
      if (keeper?.state === 'failed') throw new AppError('database', keeper.error);
      if (keeper === undefined || keeper.state === 'gone') keeper = startKeeper(dataDir, schemas, log);
      await Promise.race([keeper.gone, sleep(POLL_MS)]);
    }
    throw new AppError(
      'database',
      `another process has locked ${dataDir} for ${JOIN_LIMIT_MS / 1000} s without starting its database. End that process, or choose another directory`,
    );
  } finally {
    keeper?.letGo();
  }
}

/** A use of the server that runs now, if one does. */
async function joinRunning(dataDir: string): Promise<Use | undefined> {
  let socket: Socket | undefined;
  try {
    socket = connect(join(readSmall(placesOf(dataDir).sockets), 'keeper'));
    const { dsn, keeper } = JSON.parse(await greetingOf(socket)) as { dsn: string; keeper: number };
    return { socket, dsn, keeper };
  } catch {
    socket?.destroy();
    return undefined;
  }
}

/** The keeper's first line; without it we were not let in: the keeper is about to end. */
function greetingOf(socket: Socket): Promise<string> {
  return new Promise((done, fail) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > GREETING_LIMIT) socket.destroy();
      if (!text.endsWith('\n')) return;
      socket.setTimeout(0);
      done(text);
    });
    socket.setTimeout(GREETING_MS, () => socket.destroy());
    socket.on('error', fail); // also later, when it is news to nobody
    socket.on('close', () => fail(new Error('not let in')));
  });
}

interface Keeper {
  readonly pid: number | undefined;
  /** `gone`: somebody else holds the directory, or all its users have left. */
  state: 'running' | 'gone' | 'failed';
  error: string;
  /** Resolves when it does not run any more. */
  readonly gone: Promise<unknown>;
  letGo(): void;
}

function startKeeper(
  dataDir: string,
  schemas: readonly MigrationOptions[],
  log: (message: string) => void,
): Keeper {
  const script = fileURLToPath(new URL(`./embedded-keeper${extname(import.meta.url)}`, import.meta.url));
  const { PATH, HOME, TMPDIR, XDG_RUNTIME_DIR } = process.env;
  const owner = ownerOf(dataDir);
  if (owner !== undefined && ![script, process.execPath].every((path) => canEnter(dirname(path), owner)))
    throw new AppError(
      'database',
      `the data directory ${dataDir} belongs to the user with id ${owner.uid}, who cannot enter ${dirname(script)}, where this program is: run it as that user, or choose another directory`,
    );
  const made = schemas.flatMap(({ ledger, directory }) => [ledger, directory.href]);
  // Detached: a Ctrl-C is for its users; it ends when they have.
  const child = spawn(process.execPath, [script, dataDir, ...made], {
    detached: true,
    cwd: '/',
    env: owner === undefined ? { PATH, HOME, TMPDIR, XDG_RUNTIME_DIR } : { PATH },
    ...(owner !== undefined && { uid: owner.uid, gid: owner.gid }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2048)));
  let ended = () => {};
  const keeper: Keeper = {
    pid: child.pid,
    state: 'running',
    error: '',
    gone: new Promise<void>((done) => (ended = done)),
    letGo,
  };
  const become = (state: 'gone' | 'failed', error = '') => {
    if (keeper.state === 'running') Object.assign(keeper, { state, error });
    ended();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as { log?: string; error?: string };
    if (message.log !== undefined) log(message.log);
    else if (message.error !== undefined) become('failed', message.error);
  });
  child.on('error', (error) =>
    become('failed', `the keeper of ${dataDir} cannot be started: ${messageOf(error)}`),
  );
  child.on('close', (code) =>
    code === 0
      ? become('gone')
      : become('failed', `the keeper of ${dataDir} has ended: ${stderr.trim() || 'it gave no reason'}`),
  );

  child.stdin.on('error', () => {}); // it has ended
  // Never killed: it may be the one that was joined, or that others have joined by now. Its input ends: one that nobody
  // needs ends by that.
  function letGo(): void {
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
  }
  return keeper;
}

/** The one name of a directory, however it is called: it is in the names of sockets and processes. */
function canonical(dataDir: string): string {
  const path = resolve(dataDir);
  try {
    mkdirSync(dirname(path), { recursive: true });
    return join(realpathSync(dirname(path)), basename(path));
  } catch (cause) {
    throw new AppError('database', `cannot create data directory ${path}: ${messageOf(cause)}`, { cause });
  }
}
