/** Keeps requests to one host apart, so that an update of a hundred feeds is no flood. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a request to `host` may start. Answers may still be outstanding: only starts are counted. */
export type HostPacer = (host: string, signal: AbortSignal) => Promise<void>;

export interface Pace {
  /** Requests a second to one host, once `burst` of them went out at once. */
  readonly rate: number;
  readonly burst: number;
}

/** Twice as fast as Clair, whose first update spends most of its time on the probes of one host. */
const PACE: Pace = { rate: 20, burst: 20 };

export function hostPacer({ rate, burst }: Pace = PACE): HostPacer {
  const interval = 1000 / rate;
  // By host: when the last of the requests so far would have started at a steady rate.
  const steady = new Map<string, number>();
  return async (host, signal) => {
    const now = performance.now();
    const turn = Math.max(now, (steady.get(host) ?? 0) + interval);
    steady.set(host, turn);
    const wait = turn - now - (burst - 1) * interval;
    if (wait > 0) await sleep(wait, undefined, { signal });
  };
}
