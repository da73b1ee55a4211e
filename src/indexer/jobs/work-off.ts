/** One job, from the moment that a worker has it until it is done, given back or given up. */
import { AppError, type ErrorCode, isOutage, messageOf, toldOf } from '../../errors.ts';
import { startDeadline } from '../../lib/deadline.ts';
import type { Held } from '../../lib/leased-work.ts';
import type { Log } from '../../lib/log.ts';
import type { Digest } from '../../model/digest.ts';
import type { Indexer } from '../indexer.ts';
import type { JobProgress, TakenJob } from './job.ts';
import type { JobStore } from './store.ts';

export interface WorkOptions extends Held {
  readonly store: JobStore;
  readonly indexer: Pick<Indexer, 'index' | 'giveUp'>;
  readonly log: Log;
  readonly timeout: number;
  readonly progress: IndexProgress;
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
  const { store, log, owner, lost, signal } = options;
  const { manifest, attempts } = job;
  const fields = { manifest: manifest.hash, attempt: attempts };
  try {
    // Each attempt before this one ended with its process: it may be what ends them.
    if (attempts > ATTEMPTS)
      return await giveUp(job, options, `${TRIED}: its worker ended ${ATTEMPTS} times`);
    try {
      await index(job, options);
      await store.remove(owner, job.id);
    } catch (error) {
      if (lost.aborted) log.warn('index job was lost', { ...fields, reason: messageOf(error) });
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

async function index(
  { manifest }: TakenJob,
  { indexer, timeout, signal, progress }: WorkOptions,
): Promise<void> {
  using deadline = startDeadline(
    timeout,
    () =>
      new AppError(
        'timeout',
        `indexing timed out after ${timeout / 1000} s (indexer.index_report_timeout). Finished layers are kept: resubmit`,
      ),
  );
  await indexer.index(manifest, {
    signal: AbortSignal.any([signal, deadline.signal]),
    onProgress: ({ layer, bytes }) => progress.bytes.set(layer, bytes),
    onLayerDone: (layer) => progress.done.add(layer),
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

/** How far a job is. */
export class IndexProgress {
  readonly bytes = new Map<Digest, number>();
  readonly done = new Set<Digest>();

  get total(): JobProgress {
    return { layersDone: this.done.size, bytes: this.bytes.values().reduce((sum, each) => sum + each, 0) };
  }
}
