/** How long an embedded server stays for the next user, once the last one has left. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { EmbeddedPlaces } from './embedded-places.ts';

/** The longest that anybody may ask for, in ms. */
const MOST_LINGER = 24 * 3600 * 1000;

const LOOK_MS = 1000;

/** What a user says of itself when it is let in. */
export interface Linger {
  /** How long the server stays after it, in ms. */
  readonly linger: number;
  /** The server does not outlive this process: who leads the user's session ends when he logs out. */
  readonly session?: ProcessMark;
}

/** A process, and not a later one with its number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, as proc_pid_stat(5) says it (field 22). */
  readonly started: string;
}

/**
 * What this process says, if the server is to stay for `linger` ms; undefined: it is to stop. Nothing outlives the process
 * that leads its own session, nor one in the session of process 1: the end of a container is not waited for.
 */
export function lingerOf(linger: number): Linger | undefined {
  if (!(linger > 0)) return undefined;
  if (process.platform !== 'linux') return { linger };
  const leader = Number(statOf('self')?.[3]);
  const started = leader > 1 && leader !== process.pid ? statOf(leader)?.[19] : undefined;
  return started === undefined ? undefined : { linger, session: { pid: leader, started } };
}

/** What a user has said of itself, as far as it makes sense. */
export function readLinger(said: string): Linger | undefined {
  try {
    const { linger, session } = JSON.parse(said) as Record<string, unknown>;
    if (typeof linger !== 'number' || !(linger > 0)) return undefined;
    const kept = { linger: Math.min(linger, MOST_LINGER) };
    if (session === undefined) return kept;
    const { pid, started } = session as Record<string, unknown>;
    return Number.isSafeInteger(pid) && typeof started === 'string'
      ? { ...kept, session: { pid: pid as number, started } }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Calls `onOver` once when the time is up, the session has ended, or the data directory has been deleted (then with true).
 * Disposed when somebody uses the server again.
 */
export function lingers(
  { linger, session }: Linger,
  { lock, cluster }: EmbeddedPlaces,
  onOver: (isDirectoryGone: boolean) => void,
): Disposable {
  const own = numberOf(lock);
  const until = performance.now() + linger;
  const look = (): void => {
    const isDirectoryGone = numberOf(lock) !== own || !existsSync(cluster);
    const isLoggedOut = session !== undefined && statOf(session.pid)?.[19] !== session.started;
    if (!isDirectoryGone && !isLoggedOut && performance.now() < until) return;
    clearInterval(timer);
    onOver(isDirectoryGone);
  };
  const timer = setInterval(look, Math.min(LOOK_MS, linger));
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Tells a file from another of its name. */
function numberOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** Fields of proc_pid_stat(5) from the third on; undefined: there is no such process. */
function statOf(pid: number | 'self'): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may have any characters.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
