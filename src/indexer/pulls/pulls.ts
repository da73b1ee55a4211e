/** Images of registries that are indexed when there is time: queued at any replica, worked off by all of them. */
import { AppError, messageOf } from '../../errors.ts';
import { leasedWork, rest } from '../../lib/leased-work.ts';
import { type NewPull, type PullDepth, type PullStatus, showSource } from './pull.ts';
import type { PullStore } from './store.ts';
import { type PullWorkParts, workOffPull } from './work-off-pull.ts';

export interface Pulls {
  /** Throws `too-many-requests` if as many wait as may. */
  add(pull: NewPull): Promise<void>;
  /** undefined: there is none, or nobody asked for its outcome. */
  status(key: string): Promise<PullStatus | undefined>;
  /** How long the queue is. */
  depth(): Promise<PullDepth>;
  /** Works until `signal` is aborted; never throws. */
  run(signal: AbortSignal): Promise<void>;
}

export interface PullsParts extends Omit<PullWorkParts, 'store'> {
  readonly store: PullStore;
  /** Pulls at once in this process; 0: none. */
  readonly concurrency: number;
  /** ms for which the outcome of one can be asked for. */
  readonly retention: number;
  readonly lease?: number;
  readonly poll?: number;
}

const SWEEP = 10 * 60_000;

export function createPulls(parts: PullsParts): Pulls {
  const { store, log, concurrency, retention, lease, poll } = parts;
  const work = leasedWork({
    queue: store,
    work: (pull, held) => workOffPull(pull, held, parts),
    what: 'a pull',
    log,
    concurrency,
    ...(lease !== undefined && { lease }),
    ...(poll !== undefined && { poll }),
  });

  async function forgetEnded(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await store.forgetEnded(retention);
      } catch (error) {
        log.warn('old pulls could not be forgotten', { reason: messageOf(error) });
      }
      await rest(SWEEP, signal);
    }
  }

  return {
    async add(pull) {
      if (!(await store.add(pull)))
        throw new AppError(
          'too-many-requests',
          `${showSource(pull.source)}: too many images wait to be indexed`,
        );
      work.wake();
    },
    status: (key) => store.status(key),
    depth: () => store.depth(),
    async run(signal) {
      await Promise.all([work.run(signal), forgetEnded(signal)]);
    },
  };
}
