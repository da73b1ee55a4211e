/** What one feed may use of the world while it is fetched and imported; nothing of it stays behind. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FeedContext } from '../../contract/feed.ts';
import type { HttpClient } from '../../lib/http-client.ts';
import { retryAfter, retryAfterOf } from '../../lib/retry-after.ts';
import type { Problem } from '../../model/package.ts';

/** Problems that are kept with their text; the others are only counted. */
const PROBLEMS_KEPT = 100;
const REASON_LIMIT = 1000;

const SPOOL_PREFIX = 'clair-feed-';
const ABANDONED_AFTER = 24 * 3600 * 1000;
/** Of this process. */
const spools = new Set<string>();

/** Removes what a process that was killed has left behind: one that starts again and again must not fill the disk. */
export async function removeAbandonedSpools(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(SPOOL_PREFIX) || spools.has(join(tmpdir(), name))) continue;
    const path = join(tmpdir(), name);
    const age = await stat(path).then(
      // By the clock of the file system, whatever day it is for the caller: other processes' directories are in there.
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    // Somebody else's cannot be removed, and need not be.
    if (age > ABANDONED_AFTER || !hasOwner(name))
      await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** In a container every process is number 1: then it was an earlier one. */
function hasOwner(name: string): boolean {
  const pid = Number(/^(\d{1,10})-/.exec(name.slice(SPOOL_PREFIX.length))?.[1] ?? 0);
  if (pid === 0) return true; // nobody knows
  if (pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

export interface OwnFeedContext extends FeedContext, AsyncDisposable {
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  /** How long upstream asked to be left alone, in ms; 0 if it did not. */
  readonly retryAfter: number;
  /**
   * All is fetched: from here on a transaction may be open, and must not wait for the network. Throws if a body is not read
   * to its end, and whoever requests something later gets an error.
   */
  goOffline(): void;
}

export interface FeedContextOptions {
  /** The feed's name: the source of its problems. */
  readonly source: string;
  readonly http: HttpClient;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}

export function createFeedContext({ source, http, now, signal }: FeedContextOptions): OwnFeedContext {
  const problems: Problem[] = [];
  const bodies = new Set<Readable>();
  let problemCount = 0;
  let directory: Promise<string> | undefined;
  let files = 0;
  let leaveAlone = 0;
  let isOffline = false;
  return {
    problems,
    get problemCount() {
      return problemCount;
    },
    get retryAfter() {
      return leaveAlone;
    },
    now,
    signal,
    async request(url, options = {}) {
      if (isOffline) throw new Error(`${source} asks for ${url} after its fetch has ended`);
      const response = await http.request(url, options, signal).catch((error: unknown) => {
        leaveAlone = Math.max(leaveAlone, retryAfterOf(error));
        throw error;
      });
      if (response.status === 429 || response.status === 503)
        leaveAlone = Math.max(leaveAlone, retryAfter(response.header('retry-after')));
      bodies.add(response.body);
      response.body.once('close', () => bodies.delete(response.body));
      return response;
    },
    async spool(body) {
      directory ??= makeSpool();
      const path = join(await directory, String(files++));
      await pipeline(body, createWriteStream(path, { mode: 0o600 }), { signal });
      return path;
    },
    goOffline() {
      isOffline = true;
      if ([...bodies].some((body) => !body.readableEnded && !body.destroyed))
        throw new Error(`${source} has not kept what it fetched: a body is still being read`);
    },
    problem({ where, reason }) {
      problemCount++;
      if (problems.length < PROBLEMS_KEPT)
        problems.push({ source, where: storable(where), reason: storable(reason) });
    },
    async [Symbol.asyncDispose]() {
      for (const body of bodies) body.destroy(); // what the feed left unread
      if (directory !== undefined) await removeSpool(await directory);
    },
  };
}

/** Makes a directory for what is fetched: `removeSpool` removes it, or a later process if this one is killed. */
export async function makeSpool(): Promise<string> {
  // The name must be known before the directory is there: another update may be looking for abandoned ones.
  const path = join(tmpdir(), `${SPOOL_PREFIX}${process.pid}-${randomUUID()}`);
  spools.add(path);
  await mkdir(path, { mode: 0o700 });
  return path;
}

export async function removeSpool(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
  spools.delete(path);
}

/** What PostgreSQL's JSON can hold: no NUL, no half of a character. */
function storable(text: string): string {
  return text.slice(0, REASON_LIMIT).toWellFormed().replaceAll('\0', '\uFFFD');
}
