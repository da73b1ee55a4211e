/** Work from a queue of the database that several processes share: each job has one worker at a time, and never none. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Log } from './log.ts';

export interface LeasedJob {
  readonly id: string;
}

/** The rows that are leased. */
export interface LeaseQueue<J extends LeasedJob> {
  /** Takes the job that has waited longest for `lease` ms; undefined: none is due. */
  take(owner: string, lease: number): Promise<J | undefined>;
  /** Keeps it for another `lease` ms. False: it is not the owner's any more. */
  renew(owner: string, id: string, lease: number): Promise<boolean>;
}

/** A job that is being worked on. */
export interface Held {
  readonly owner: string;
  /** Aborted when another worker may have the job. */
  readonly lost: AbortSignal;
  /** Aborted then, and when the service stops. */
  readonly signal: AbortSignal;
}

export interface LeasedWorkParts<J extends LeasedJob> {
  readonly queue: LeaseQueue<J>;
  /** Ends the job, or gives it back; never throws. */
  readonly work: (job: J, held: Held) => Promise<void>;
  /** What logs call a job, with its article. */
  readonly what: string;
  readonly log: Log;
  /** Jobs at once in this process; 0: none. */
  readonly concurrency: number;
  /** ms after which the job of a worker that is silent goes to another one. */
  readonly lease?: number;
  /** ms between two looks at a queue in which nothing was due. */
  readonly poll?: number;
}

export interface LeasedWork {
  /** Who has the jobs of this process. */
  readonly owner: string;
  /** Looks at the queue now. */
  wake(): void;
  /** Works until `signal` is aborted, and what was begun has ended; never throws. */
  run(signal: AbortSignal): Promise<void>;
}

const LEASE = 20_000;
const POLL = 2_000;
/** ms after a failure of the database. */
const TROUBLE = 10_000;

export function leasedWork<J extends LeasedJob>(parts: LeasedWorkParts<J>): LeasedWork {
  const { queue, work, what, log, concurrency, lease = LEASE, poll = POLL } = parts;
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`;
  let bell = Promise.withResolvers<void>();
  const wake = (): void => {
    bell.resolve();
    bell = Promise.withResolvers<void>();
  };

  async function hold(job: J, stopping: AbortSignal): Promise<void> {
    using kept = keepLease(queue, { owner, id: job.id, lease, what, log });
    await work(job, { owner, lost: kept.lost, signal: AbortSignal.any([stopping, kept.lost]) });
  }

  return {
    owner,
    wake,
    async run(signal) {
      const running = new Set<Promise<void>>();
      while (!signal.aborted && concurrency > 0) {
        let pause = poll;
        const rung = bell.promise; // before looking: what is submitted meanwhile must not wait
        if (running.size < concurrency) {
          try {
            const job = await queue.take(owner, lease);
            if (job !== undefined) {
              const held = hold(job, signal).finally(() => {
                running.delete(held);
                wake();
              });
              running.add(held);
              continue;
            }
          } catch (error) {
            log.warn(`${what} could not be taken`, { reason: messageOf(error) });
            pause = TROUBLE;
          }
        }
        await rest(pause, signal, rung);
      }
      await Promise.all(running);
    },
  };
}

/** Waits about so many ms, not in step with other replicas, or until `rung` or `signal`. */
export async function rest(milliseconds: number, signal: AbortSignal, rung?: Promise<void>): Promise<void> {
  const over = new AbortController();
  const time = sleep(milliseconds * (0.75 + Math.random() / 2), undefined, {
    signal: AbortSignal.any([signal, over.signal]),
  }).catch(() => {});
  await (rung === undefined ? time : Promise.race([time, rung]));
  over.abort();
}

interface Keeping {
  readonly owner: string;
  readonly id: string;
  readonly lease: number;
  readonly what: string;
  readonly log: Log;
}

/** Renews the lease until disposed. */
function keepLease<J extends LeasedJob>(
  queue: LeaseQueue<J>,
  { owner, id, lease, what, log }: Keeping,
): Disposable & { readonly lost: AbortSignal } {
  const lost = new AbortController();
  let until = performance.now() + lease;
  let isAsking = false;
  const renew = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const asked = performance.now();
    try {
      if (await queue.renew(owner, id, lease)) until = asked + lease;
      else lost.abort(new Error('another worker acquired the job'));
    } catch (error) {
      log.warn(`the lease of ${what} could not be renewed`, { reason: messageOf(error) });
    }
    isAsking = false;
  };
  const timer = setInterval(
    () => {
      if (performance.now() >= until) lost.abort(new Error('the lease has expired'));
      else void renew();
    },
    Math.min(lease / 6, 2_000),
  );
  return { lost: lost.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
