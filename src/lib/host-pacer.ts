/** Keeps requests to one host apart, so that an update of a hundred feeds is no flood, and leaves a host alone that asks for it. */
import { type Clock, systemClock } from './clock.ts';

export interface HostPacer {
  /**
   * Waits until a request to `host` may start. Answers may still be outstanding: only starts are counted.
   * Throws `HostBusy` if the host wants to be left alone for longer than an update may wait.
   */
  turn(host: string, signal: AbortSignal): Promise<void>;
  /** The host wants no request for `ms`, by whomever. */
  hold(host: string, ms: number): void;
}

export interface Pace {
  /** Requests a second to one host, once `burst` of them went out at once. */
  readonly rate: number;
  readonly burst: number;
}

/** Twice as fast as Clair, whose first update spends most of its time on the probes of one host. */
const PACE: Pace = { rate: 20, burst: 20 };

/** A server that wants us to wait longer (ms) gets its turn with a later update. */
export const LONGEST_WAIT = 60_000;
/** Who asks for more is asked again all the same. */
const LONGEST_HOLD = 24 * 3600 * 1000;

/** A host has asked to be left alone: nothing was sent. */
export class HostBusy extends Error {
  /** For so long, in ms. */
  readonly retryAfter: number;

  constructor(host: string, retryAfter: number) {
    super(`${host} asked to be left alone for another ${Math.ceil(retryAfter / 1000)} s (Retry-After)`);
    this.name = 'HostBusy';
    this.retryAfter = retryAfter;
  }
}

export function hostPacer({ rate, burst }: Pace = PACE, clock: Clock = systemClock): HostPacer {
  const interval = 1000 / rate;
  // By host: when the last of the requests so far would have started at a steady rate.
  const steady = new Map<string, number>();
  const held = new Map<string, number>();
  return {
    async turn(host, signal) {
      const now = clock.now();
      const rest = (held.get(host) ?? 0) - now;
      if (rest > LONGEST_WAIT) throw new HostBusy(host, rest);
      const turn = Math.max(now, (steady.get(host) ?? Number.NEGATIVE_INFINITY) + interval);
      steady.set(host, turn);
      const wait = Math.max(turn - now - (burst - 1) * interval, rest);
      if (wait > 0) await clock.sleep(wait, signal);
    },
    hold(host, ms) {
      const end = clock.now() + Math.min(ms, LONGEST_HOLD);
      held.set(host, Math.max(held.get(host) ?? 0, end));
    },
  };
}
