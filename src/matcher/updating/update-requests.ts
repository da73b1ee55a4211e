/** Updates that somebody asks for beside the period: at most one waits, and grows by what else is asked for meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FeedSelection } from './update-run.ts';

export interface UpdateRequests {
  /** Asks for an update of `only`, of everything if it is undefined: now, or after the one that is going on. */
  request(only?: FeedSelection): void;
  /** Whether an update is going on. */
  readonly running: boolean;
  /** For one that updates `set` (undefined: all): told what concerns it. */
  listen(set?: string): UpdateListener;
}

export interface UpdateRequest {
  readonly only: FeedSelection | undefined;
}

export interface UpdateListener {
  /** Waits for a request, for `ms` at most; undefined: nobody asked. */
  next(ms: number, signal: AbortSignal): Promise<UpdateRequest | undefined>;
  /** Told by the loop. */
  running: boolean;
}

export function createUpdateRequests(): UpdateRequests {
  const listeners: (UpdateListener & { request(only: FeedSelection | undefined): void })[] = [];
  let early: UpdateRequest | undefined;
  return {
    get running() {
      return listeners.some(({ running }) => running);
    },
    request(only) {
      // Before the loop has begun.
      if (listeners.length === 0) early = { only: early === undefined ? only : union(early.only, only) };
      for (const listener of listeners) listener.request(only);
    },
    listen(set) {
      const listener = createListener(set);
      listeners.push(listener);
      if (early !== undefined) listener.request(early.only);
      return listener;
    },
  };
}

function createListener(set: string | undefined) {
  let waiting: UpdateRequest | undefined;
  let wake = new AbortController();
  return {
    running: false,
    request(only: FeedSelection | undefined): void {
      if (!concerns(only, set)) return;
      waiting = { only: waiting === undefined ? only : union(waiting.only, only) };
      wake.abort();
    },
    async next(ms: number, signal: AbortSignal): Promise<UpdateRequest | undefined> {
      if (waiting === undefined) {
        await sleep(ms, undefined, { signal: AbortSignal.any([signal, wake.signal]) }).catch(() => {});
      }
      const request = waiting;
      waiting = undefined;
      wake = new AbortController();
      return request;
    },
  };
}

/** Whose the feeds are that are asked for is known to the database alone. */
function concerns(only: FeedSelection | undefined, set: string | undefined): boolean {
  if (only === undefined || set === undefined) return true;
  return only.sets?.includes(set) === true || (only.feeds?.length ?? 0) > 0;
}

function union(a: FeedSelection | undefined, b: FeedSelection | undefined): FeedSelection | undefined {
  if (a === undefined || b === undefined) return undefined;
  const both = (x: readonly string[] = [], y: readonly string[] = []) => [...new Set([...x, ...y])];
  return { sets: both(a.sets, b.sets), feeds: both(a.feeds, b.feeds) };
}

/** SIGUSR1 asks for an update of everything until disposed. */
export function updateOnSignal(requests: Pick<UpdateRequests, 'request'>): Disposable {
  const ask = (): void => requests.request();
  process.on('SIGUSR1', ask);
  return { [Symbol.dispose]: () => void process.off('SIGUSR1', ask) };
}
