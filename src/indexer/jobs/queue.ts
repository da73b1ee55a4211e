/** Manifests that are indexed when there is time: handed in at any replica, worked off by all of them. */
import { messageOf } from '../../errors.ts';
import { leasedWork, rest } from '../../lib/leased-work.ts';
import type { Log } from '../../lib/log.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Indexer } from '../indexer.ts';
import type { JobStatus, QueueDepth, TakenJob } from './job.ts';
import type { JobStore } from './store.ts';
import { giveUp, IndexProgress, workOff } from './work-off.ts';

export interface IndexJobs {
  /** Queues `manifest`, unless it waits or is worked on already. */
  submit(manifest: Manifest): Promise<void>;
  /** undefined: there is no job of it, or none any more. */
  status(manifest: Digest): Promise<JobStatus | undefined>;
  /** Forgets those that nobody works on. */
  cancel(manifests: readonly Digest[]): Promise<void>;
  depth(): Promise<QueueDepth>;
  /** Works until `signal` is aborted; never throws. What it has begun by then is given back. */
  run(signal: AbortSignal): Promise<void>;
}

export interface IndexJobsParts {
  readonly store: JobStore;
  readonly indexer: Pick<Indexer, 'index' | 'giveUp'>;
  readonly log: Log;
  /** Jobs at once in this process; 0: none. */
  readonly concurrency: number;
  /** ms that one may take. */
  readonly timeout: number;
  /** ms after which the job of a worker that is silent goes to another one. */
  readonly lease?: number;
  /** ms between two looks at a queue in which nothing was due. */
  readonly poll?: number;
  /** ms that one may wait: URLs and headers of layers, which may be secret, are stored no longer. */
  readonly longest?: number;
}

const LEASE = 20_000;
const HOUR = 3_600_000;
const LONGEST = 7 * 24 * HOUR;

export function createIndexJobs(parts: IndexJobsParts): IndexJobs {
  const { store, log, concurrency, lease = LEASE, poll, longest = LONGEST } = parts;
  const progress = new Map<string, IndexProgress>();
  const work = leasedWork<TakenJob>({
    queue: {
      take: (owner, lease) => store.take(owner, lease),
      renew: (owner, id, lease) => store.renew(owner, id, lease, progressOf(id).total),
    },
    async work(job, held) {
      await workOff(job, { ...parts, ...held, progress: progressOf(job.id) });
      progress.delete(job.id);
    },
    what: 'an index job',
    log,
    concurrency,
    lease,
    ...(poll !== undefined && { poll }),
  });

  function progressOf(id: string): IndexProgress {
    const known = progress.get(id) ?? new IndexProgress();
    progress.set(id, known);
    return known;
  }

  /** Ends what waited too long, also where no worker is: whatever that is for, its URLs are of no use any more. */
  async function forgetOld(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const old = await store.takeOld(work.owner, lease, longest);
        if (old !== undefined) {
          await giveUp(
            old,
            { ...parts, owner: work.owner },
            `because it waited for over ${longest / HOUR} hours`,
          );
          continue;
        }
      } catch (error) {
        log.warn('old index jobs could not be ended', { reason: messageOf(error) });
      }
      await rest(Math.min(longest, HOUR), signal);
    }
  }

  return {
    async submit(manifest) {
      await store.add(manifest);
      work.wake();
    },
    status: (manifest) => store.status(manifest),
    cancel: (manifests) => store.cancel(manifests),
    depth: () => store.depth(),
    async run(signal) {
      await Promise.all([forgetOld(signal), work.run(signal)]);
    },
  };
}
