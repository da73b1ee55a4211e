/** Where an embedded server keeps its things, and as whom it runs. */
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, parse } from 'node:path';
import { AppError } from '../errors.ts';

/** Whom the server's processes run as; undefined: as this process. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

// PostgreSQL refuses to run as root; nobody is there in every distribution, under this number.
const NOBODY: RunAs = { uid: 65_534, gid: 65_534 };

export const PORT = 5432; // only the name of a socket
const SOCKET_NAME = `.s.PGSQL.${PORT}`;
// unix(7): sun_path has 108 bytes with the NUL on Linux, 104 on macOS
const MAX_SOCKET_PATH = 103;
const LOCK = 'keeper.lock';

/** The files of a data directory. */
export function placesOf(dataDir: string) {
  return {
    dataDir,
    cluster: join(dataDir, 'cluster'),
    lock: join(dataDir, LOCK),
    /** Names the directory of the sockets. */
    sockets: join(dataDir, 'sockets'),
    log: join(dataDir, 'postgres.log'),
  };
}

export type Places = ReturnType<typeof placesOf>;

/** Makes the directory, private, and decides who runs the server in it. Throws `database`. */
export function prepareDataDir(dataDir: string): RunAs | undefined {
  const isRoot = process.getuid?.() === 0;
  mkdirSync(dirname(dataDir), { recursive: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { uid, gid } = statSync(dataDir);
  if (!isRoot && uid !== process.getuid?.()) {
    throw new AppError(
      'database',
      `the data directory ${dataDir} belongs to another user (id ${uid}): choose another directory`,
    );
  }
  // It is given to the server's user, and closed to others: not what happens to a home directory by a slip of the keys.
  const names = readdirSync(dataDir);
  if (names.length > 0 && !names.includes(LOCK)) {
    throw new AppError(
      'database',
      `${dataDir} holds other things than an embedded database: choose a directory that is empty or not there yet`,
    );
  }
  const runAs = !isRoot ? undefined : uid === 0 ? NOBODY : { uid, gid };
  if (runAs !== undefined) {
    chownSync(dataDir, runAs.uid, runAs.gid);
    if (process.platform !== 'linux' && !canEnter(dataDir, runAs)) {
      throw new AppError(
        'database',
        `the embedded database cannot run as root, and the user it would run as (id ${runAs.uid}) cannot enter ${dataDir}: choose another directory`,
      );
    }
  }
  chmodSync(dataDir, 0o700);
  return runAs;
}

/** Whether `runAs` may enter `path` and all above it, by the permission bits. */
export function canEnter(path: string, runAs: RunAs): boolean {
  const { uid, gid, mode } = statSync(path);
  const bit = uid === runAs.uid ? 0o100 : gid === runAs.gid ? 0o010 : 0o001;
  return (mode & bit) !== 0 && (path === parse(path).root || canEnter(dirname(path), runAs));
}

/**
 * What the server is to be given for its working directory `dir`: below a directory that its user may not enter
 * (root's home, a temporary directory of root's) it still has its working directory, by this name of it.
 */
export function reachable(dir: string, runAs: RunAs | undefined): string {
  return runAs === undefined || canEnter(dir, runAs) ? dir : '/proc/self/cwd';
}

/** A private directory for the sockets: in the data directory unless its path is too long for a socket. */
export function prepareSocketDir(dataDir: string, runAs: RunAs | undefined): string {
  const fits = (dir: string) =>
    Buffer.byteLength(join(dir, SOCKET_NAME)) <= MAX_SOCKET_PATH &&
    (runAs === undefined || canEnter(dirname(dir), runAs));
  const name = `clair-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  const runtimeDir = runAs === undefined ? process.env.XDG_RUNTIME_DIR : undefined;
  const candidates = [join(dataDir, 'run'), join(runtimeDir || tmpdir(), name), join('/tmp', name)];
  const dir = candidates.find(fits)!;
  try {
    mkdirSync(dir, { mode: 0o700 });
    if (runAs !== undefined) chownSync(dir, runAs.uid, runAs.gid);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(dir);
  // Anybody may make a directory of this name in /tmp, and a socket in it.
  if (
    !found.isDirectory() ||
    found.uid !== (runAs?.uid ?? process.getuid?.()) ||
    (found.mode & 0o077) !== 0
  ) {
    throw new AppError('database', `${dir} is not a private directory of the database's user: remove it`);
  }
  return dir;
}
