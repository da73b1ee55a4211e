/** What the parts of one update share: what was asked for, and what comes of it. */
import { hash } from 'node:crypto';
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { Enricher } from '../../contract/enricher.ts';
import type { Database } from '../../db/database.ts';
import { AppError } from '../../errors.ts';
import type { HttpClient } from '../../lib/http-client.ts';
import type { Log } from '../../lib/log.ts';
import type { FeedKind } from '../store/feeds.ts';
import type { TaskQueue } from './task-queue.ts';

/** Sets, enrichers and feeds by name: all that either list names. */
export interface FeedSelection {
  readonly sets?: readonly string[];
  readonly feeds?: readonly string[];
}

export interface UpdateOptions {
  /** `updaters.sets`: undefined is all, [] none. */
  readonly sets?: readonly string[] | undefined;
  /** Only these of them; undefined: all. */
  readonly only?: FeedSelection | undefined;
  /** Leave alone what was asked within the period, by whichever replica, and what failed a moment ago. */
  readonly onlyDue?: boolean;
  /** `matcher.period` in ms. */
  readonly period?: number;
  /** `updaters.config`: by the name of a set or of a feed. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** `matcher.update_retention`: how many runs of a feed are kept; 0 keeps all. */
  readonly retention?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FeedProgress) => void;
  /** How many feeds are fetched at once, and how many loaded. */
  readonly concurrency?: number;
  /** What rounds that run at the same time share. */
  readonly shared?: Shared;
}

export interface Shared {
  readonly http: HttpClient;
  /** For what waits for the network. */
  readonly fetching: TaskQueue;
  /** For what works: it never waits for anybody outside. */
  readonly loading: TaskQueue;
}

export interface FeedProgress {
  readonly name: string;
  /** Records read so far. */
  readonly rows: number;
  /** Set when the feed is done with. */
  readonly result?: FeedResult;
}

export interface FeedResult {
  /** Of the feed; of the set if its feeds were not listed. */
  readonly name: string;
  readonly kind: FeedKind | 'set';
  /** `busy`: another replica is at it. `current`: it was asked not long ago. */
  readonly state: 'updated' | 'unchanged' | 'failed' | 'busy' | 'current';
  readonly rows: number;
  readonly added: number;
  readonly removed: number;
  readonly problems: number;
  readonly error?: string;
  /** When it is asked again; undefined: nobody could say so. */
  readonly nextTry?: Date;
}

export interface UpdateParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly enrichers: readonly Enricher[];
  readonly now: () => Date;
  readonly log: Log;
  /** Another way to the world, for tests. */
  readonly http?: HttpClient;
}

/** What the parts of one update share. */
export interface UpdateRun extends UpdateParts, UpdateOptions, Shared {
  readonly http: HttpClient;
  readonly started: Date;
  readonly jitter: number;
  readonly period: number;
}

/** The counts of a feed of which nothing was read. */
export const NOTHING = { rows: 0, added: 0, removed: 0, problems: 0 };

/** What came of it; nothing of what was stopped. */
export function outcomes<T>(result: PromiseSettledResult<T | T[]>): T[] {
  return result.status === 'rejected' ? [] : ([result.value].flat() as T[]);
}

/** Names a configuration. What only concerns the guard of rows is no matter of upstream. */
export function hashOf(config: unknown): string {
  const text = JSON.stringify(config, (key, value: unknown) => (key === 'max_row_loss' ? undefined : value));
  return hash('sha256', text).slice(0, 16);
}

/** A signal that is aborted when `what` took longer than `ms`. */
export function timeLimit(what: string, ms: number): { readonly signal: AbortSignal } & Disposable {
  const stop = new AbortController();
  const minutes = Math.round(ms / 60_000);
  const timer = setTimeout(
    () => stop.abort(new AppError('feed', `${what}: not done after ${minutes} minutes, stopped`)),
    ms,
  );
  timer.unref();
  return { signal: stop.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
