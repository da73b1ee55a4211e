/** Where an embedded server keeps its things, and as whom it runs. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, parse } from 'node:path';
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

export type EmbeddedPlaces = ReturnType<typeof placesOf>;

/**
 * Whom a process of root works as in `dataDir`, from its first step on: the owner, if that is another user, who might
 * otherwise lead root's writes anywhere by a link. undefined: as itself.
 */
export function ownerOf(dataDir: string): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const found = statSync(dataDir, { throwIfNoEntry: false });
  return found === undefined || found.uid === 0 || found.uid === NOBODY.uid ? undefined : found;
}

/**
 * Makes the directory, closed to others, and decides who runs the server in it. Root's own stays root's: the server's
 * user owns the cluster and the directory of the sockets, and can put nothing where root writes. Throws `database`.
 */
export function prepareDataDir(dataDir: string): RunAs | undefined {
  const isRoot = process.getuid?.() === 0;
  mkdirSync(dirname(dataDir), { recursive: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { uid } = statSync(dataDir);
  if (uid !== process.getuid?.() && !(isRoot && uid === NOBODY.uid)) {
    throw new AppError(
      'database',
      `cannot use data directory ${dataDir}: owned by user ${uid}. Choose another with --data-dir or CLAIR_DATA_DIR`,
    );
  }
  // Its modes are changed: not what happens to a home directory by a slip of the keys.
  const names = readdirSync(dataDir);
  if (names.length > 0 && !names.includes(LOCK)) {
    throw new AppError(
      'database',
      `cannot use data directory ${dataDir}: it contains files that do not belong to an embedded database. Choose an empty or new directory`,
    );
  }
  // Earlier releases gave the directory to the server's user.
  if (uid !== process.getuid?.()) takeBack(dataDir);
  chmodSync(dataDir, isRoot ? 0o711 : 0o700); // PostgreSQL's user passes through to the sockets
  if (isRoot && process.platform !== 'linux' && !canEnter(dataDir, NOBODY)) {
    throw new AppError(
      'database',
      `the embedded database cannot run as root, and the user it would run as (id ${NOBODY.uid}) cannot access ${dataDir}. Choose another directory`,
    );
  }
  return isRoot ? NOBODY : undefined;
}

/** From here on only root makes names in `dataDir`; what another user put where root writes is removed. */
function takeBack(dataDir: string): void {
  const { gid } = statSync(dataDir);
  lchownSync(dataDir, 0, gid);
  chmodSync(dataDir, 0o711);
  const { lock, sockets, log } = placesOf(dataDir);
  for (const path of [lock, sockets, log]) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    const isOwn = found?.isFile() === true && found.uid === 0 && found.nlink === 1;
    if (found !== undefined && !isOwn) rmSync(path, { recursive: true, force: true });
  }
  // SQLite would carry out what it finds in them.
  for (const end of ['-journal', '-wal', '-shm']) rmSync(lock + end, { recursive: true, force: true });
}

/** Makes the file that is locked, which nobody else may lock. */
export function makeLockFile({ lock }: Pick<EmbeddedPlaces, 'lock'>): void {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  closeSync(openSync(lock, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600));
}

/** The beginning of a small file that another user may have made: no link is followed, no pipe waited for. Throws the system's errors. */
export function readSmall(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFile()) throw new Error(`${path} is not a file`);
    const bytes = Buffer.alloc(16 * 1024);
    return bytes.toString('utf8', 0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
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

/** How the names of socket directories outside of `dataDir` begin. */
function outsideName(dataDir: string): string {
  return `clair-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
}

/** Removes what a keeper of `dataDir` left that was killed; the caller holds the directory's lock. */
export function removeStaleSockets({ dataDir, sockets }: Pick<EmbeddedPlaces, 'dataDir' | 'sockets'>): void {
  const stale = readdirSync(dataDir).filter((name) => /^run(-\d+)?$/.test(name));
  for (const name of stale) rmSync(join(dataDir, name), { recursive: true, force: true });
  const last = existsSync(sockets) ? readSmall(sockets) : '';
  if (basename(last).startsWith(outsideName(dataDir))) rmSync(last, { recursive: true, force: true });
  rmSync(sockets, { force: true });
}

/**
 * A private directory for the sockets of this process alone: in the data directory unless its path is too long for a socket.
 * Whoever deletes the data directory may make another of its name while the server of this one still ends.
 */
export function prepareSocketDir(dataDir: string, runAs: RunAs | undefined): string {
  const fits = (dir: string) =>
    Buffer.byteLength(join(dir, SOCKET_NAME)) <= MAX_SOCKET_PATH &&
    (runAs === undefined || canEnter(dirname(dir), runAs));
  const name = `${outsideName(dataDir)}-${process.pid}`;
  const runtimeDir = runAs === undefined ? process.env.XDG_RUNTIME_DIR : undefined;
  const candidates = [
    join(dataDir, `run-${process.pid}`),
    join(runtimeDir || tmpdir(), name),
    join('/tmp', name),
  ];
  const dir = candidates.find(fits)!;
  try {
    mkdirSync(dir, { mode: 0o700 });
    if (runAs !== undefined) lchownSync(dir, runAs.uid, runAs.gid);
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
