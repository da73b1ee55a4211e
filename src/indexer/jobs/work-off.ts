/** One job, from the moment that a worker has it until it is done, given back or given up. */
import { AppError, type ErrorCode, isOutage, messageOf, toldOf } from '../../errors.ts';
import { startDeadline } from '../../lib/deadline.ts';
import type { Log } from '../../lib/log.ts';
import type { Digest } from '../../model/digest.ts';
import type { Indexer } from '../indexer.ts';
import type { TakenJob } from './job.ts';
import type { JobStore } from './store.ts';

export interface WorkOptions {
  readonly store: JobStore;
  readonly indexer: Pick<Indexer, 'index' | 'giveUp'>;
  readonly log: Log;
  readonly owner: string;
  readonly lease: number;
  readonly timeout: number;
  /** Aborted when the service stops. */
  readonly signal: AbortSignal;
}

/** Then it is given up. */
const ATTEMPTS = 5;
const TRIED = `after ${ATTEMPTS} attempts`;
/** ms before the second attempt; doubles. */
const BACKOFF = 5_000;
/** ms before the next attempt when the document store or the database failed. */
const OUTAGE = 30_000;

/** The manifest's own fault: it would fail again. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['bad-layer', 'bad-layer-url', 'layer-refused', 'layer-limit']);

/** Never throws: what cannot be told to the database comes due again when the lease is over. */
export async function workOff(job: TakenJob, options: WorkOptions): Promise<void> {
  const { store, log, owner, signal } = options;
  const { manifest, attempts } = job;
  const fields = { manifest: manifest.hash, attempt: attempts };
  try {
    // Each attempt before this one ended with its process: it may be what ends them.
    if (attempts > ATTEMPTS)
      return await giveUp(job, options, `${TRIED}: its worker ended ${ATTEMPTS} times`);
    using kept = keepLease(job, options);
    try {
      await index(job, options, kept);
      await store.remove(owner, job.id);
    } catch (error) {
      if (kept.lost.aborted) log.warn('index job was lost', { ...fields, reason: messageOf(error) });
      else if (signal.aborted) await store.giveBack(owner, job.id, 0, undefined);
      else if (error instanceof AppError && FINAL.has(error.code)) await store.remove(owner, job.id);
      else if (isOutage(error)) {
        // However long it lasts, the manifest is not given up for it.
        log.warn('index job failed, will be retried', { ...fields, reason: messageOf(error) });
        await store.giveBack(owner, job.id, OUTAGE, undefined);
      } else if (attempts >= ATTEMPTS) await giveUp(job, options, `${TRIED}: ${toldOf(error)}`);
      else {
        const delay = BACKOFF * 2 ** (attempts - 1) * (0.75 + Math.random() / 2);
        log.warn('index job failed, will be retried', { ...fields, reason: messageOf(error) });
        await store.giveBack(owner, job.id, delay, toldOf(error));
      }
    }
  } catch (error) {
    log.warn('index job could not be ended', { ...fields, reason: messageOf(error) });
  }
}

async function index(job: TakenJob, { indexer, timeout, signal }: WorkOptions, kept: Kept): Promise<void> {
  using deadline = startDeadline(
    timeout,
    () =>
      new AppError(
        'timeout',
        `indexing timed out after ${timeout / 1000} s (indexer.index_report_timeout). Finished layers are kept: resubmit`,
      ),
  );
  await indexer.index(job.manifest, {
    signal: AbortSignal.any([signal, kept.lost, deadline.signal]),
    onProgress: ({ layer, bytes }) => kept.bytes.set(layer, bytes),
    onLayerDone: (layer) => kept.done.add(layer),
  });
}

/** Ends it with a report that says why. */
export async function giveUp(
  { id, manifest }: TakenJob,
  { store, indexer, log, owner }: Pick<WorkOptions, 'store' | 'indexer' | 'log' | 'owner'>,
  reason: string,
): Promise<void> {
  log.error('index job failed finally', { manifest: manifest.hash, reason });
  await indexer.giveUp(manifest, `indexing failed ${reason}`);
  await store.remove(owner, id);
}

interface Kept extends Disposable {
  /** Aborted when another worker may have the job. */
  readonly lost: AbortSignal;
  readonly bytes: Map<Digest, number>;
  readonly done: Set<Digest>;
}

/** Renews the lease until disposed, and says how far the job is. */
function keepLease(job: TakenJob, { store, owner, lease, log }: WorkOptions): Kept {
  const lost = new AbortController();
  const bytes = new Map<Digest, number>();
  const done = new Set<Digest>();
  let until = performance.now() + lease;
  let isAsking = false;
  const renew = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const asked = performance.now();
    const progress = { layersDone: done.size, bytes: bytes.values().reduce((sum, each) => sum + each, 0) };
    try {
      if (await store.renew(owner, job.id, lease, progress)) until = asked + lease;
      else lost.abort(new Error('another worker acquired the job'));
    } catch (error) {
      log.warn('the lease of an index job could not be renewed', { reason: messageOf(error) });
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
  return { lost: lost.signal, bytes, done, [Symbol.dispose]: () => clearInterval(timer) };
}
