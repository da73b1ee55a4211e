/** Updates that somebody asks for beside the period: at most one waits, and grows by what else is asked for meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Selection } from './update-run.ts';

export interface UpdateRequests {
  /** Asks for an update of `only`, of everything if it is undefined: now, or after the one that is going on. */
  request(only?: Selection): void;
  /** Waits for a request, for `ms` at most; undefined: nobody asked. */
  next(ms: number, signal: AbortSignal): Promise<{ readonly only: Selection | undefined } | undefined>;
  /** Told by the loop. */
  running: boolean;
}

export function createUpdateRequests(): UpdateRequests {
  let waiting: { readonly only: Selection | undefined } | undefined;
  let wake = new AbortController();
  return {
    running: false,
    request(only) {
      waiting = { only: waiting === undefined ? only : union(waiting.only, only) };
      wake.abort();
    },
    async next(ms, signal) {
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

function union(a: Selection | undefined, b: Selection | undefined): Selection | undefined {
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
