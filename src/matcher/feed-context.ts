/** What one feed may use of the world while it is fetched and imported; nothing of it stays behind. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FeedContext } from '../ecosystems/contract.ts';
import type { HttpClient } from '../lib/http-client.ts';
import type { Problem } from '../model/package.ts';

/** Problems that are kept with their text; the others are only counted. */
const PROBLEMS_KEPT = 100;
const REASON_LIMIT = 1000;

const SPOOL_PREFIX = 'clair-feed-';
const ABANDONED_AFTER = 24 * 3600 * 1000;

/** Removes what a process that was killed has left behind. */
export async function removeAbandonedSpools(now: Date): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(SPOOL_PREFIX)) continue;
    const path = join(tmpdir(), name);
    const age = await stat(path).then(
      ({ mtimeMs }) => now.getTime() - mtimeMs,
      () => 0,
    );
    // Somebody else's cannot be removed, and need not be.
    if (age > ABANDONED_AFTER) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

export interface OwnFeedContext extends FeedContext, AsyncDisposable {
  readonly problems: readonly Problem[];
  readonly problemCount: number;
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
  return {
    problems,
    get problemCount() {
      return problemCount;
    },
    now,
    signal,
    async request(url, options = {}) {
      const response = await http.request(url, options, signal);
      bodies.add(response.body);
      response.body.once('close', () => bodies.delete(response.body));
      return response;
    },
    async spool(body) {
      directory ??= mkdtemp(join(tmpdir(), SPOOL_PREFIX));
      const path = join(await directory, String(files++));
      await pipeline(body, createWriteStream(path, { mode: 0o600 }), { signal });
      return path;
    },
    problem({ where, reason }) {
      problemCount++;
      if (problems.length < PROBLEMS_KEPT)
        problems.push({ source, where: storable(where), reason: storable(reason) });
    },
    async [Symbol.asyncDispose]() {
      for (const body of bodies) body.destroy(); // what the feed left unread
      if (directory !== undefined) await rm(await directory, { recursive: true, force: true });
    },
  };
}

/** What PostgreSQL's JSON can hold: no NUL, no half of a character. */
function storable(text: string): string {
  return text.slice(0, REASON_LIMIT).toWellFormed().replaceAll('\0', '\uFFFD');
}
