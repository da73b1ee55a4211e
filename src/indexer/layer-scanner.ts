/** Scans layers on worker threads: detectors are synchronous and may be slow, the service must answer meanwhile. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { AppError, messageOf } from '../errors.ts';
import { DEFAULT_LIMITS, type LayerLimits } from '../image/layer/layer-limits.ts';
import type { WrittenScan } from '../image/layer/layer-scan.ts';
import { idleMeter } from '../lib/idle-cpus.ts';
import type { LayerReference } from '../model/manifest.ts';
import { ABORT, type LayerAnswer, type LayerJob, type WorkerSetup } from './layer-job.ts';

export interface LayerScannerOptions {
  /** Layers scanned at the same time, at most; default: as many as CPUs, at most 4. */
  readonly threads?: number;
  /** What differs from the defaults. */
  readonly limits?: Partial<LayerLimits>;
  /** Layers are only fetched from private addresses. */
  readonly airgap?: boolean;
  /** Module (URL) that exports `ecosystems`; default: all there are. */
  readonly ecosystemsModule?: string;
  /** Milliseconds that an aborted thread has to stop by itself. */
  readonly grace?: number;
  /**
   * For a service: one thread starts at once, and stays, so that the first manifest need not wait for it. Others start only
   * where CPUs are idle, or a layer has waited for long.
   */
  readonly standby?: boolean;
  /** In place of the system's, for tests: gives a meter of idle CPUs. */
  readonly idleMeter?: () => () => number;
}

export interface LayerScanOptions {
  /** Ids of the detectors to run. */
  readonly detectors: readonly string[];
  /** `file:` and `dir:` layers: for our own command line, never for a client's request. */
  readonly allowLocal?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { bytes: number }) => void;
}

/** Idle threads end, to give their memory back. */
const IDLE = 10_000;
/**
 * ms that a layer waits before another thread starts for it, which takes 0.1 CPU s: small layers are done by then, and a
 * big image hardly loses anything.
 */
const PATIENCE = 150;
/**
 * CPUs that must have been idle meanwhile in a service: one is left to the rest of it and to PostgreSQL. A second thread takes
 * 40 MB, and makes no image faster that waits for a CPU (docs/decisions/090).
 */
const IDLE_CPUS = 1.2;
/** ms after which a layer waits no longer for that: what keeps the thread, or the CPUs, may be another's. */
const LONGEST_WAIT = 5_000;
const GRACE = 5_000;

// Small isolates: the young generation decides how much garbage of network buffers piles up before it is collected.
const RESOURCES = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 1024, stackSizeMb: 4 };

interface Waiting {
  readonly layer: LayerReference;
  readonly options: LayerScanOptions;
  /** By `performance.now`. */
  readonly since: number;
  readonly resolve: (scan: WrittenScan) => void;
  readonly reject: (error: unknown) => void;
}

interface Thread {
  readonly worker: Worker;
  busy: Promise<unknown> | undefined;
  idle: NodeJS.Timeout | undefined;
}

export class LayerScanner implements AsyncDisposable {
  readonly #threads: number;
  readonly #grace: number;
  readonly #standby: boolean;
  readonly #setup: WorkerSetup;
  readonly #pool = new Set<Thread>();
  readonly #queue: Waiting[] = [];
  readonly #idleCpus: number;
  readonly #idleMeter: () => () => number;
  #growing: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LayerScannerOptions = {}) {
    this.#threads = Math.max(1, options.threads ?? Math.min(availableParallelism(), 4));
    this.#idleMeter = options.idleMeter ?? idleMeter;
    this.#grace = options.grace ?? GRACE;
    this.#setup = {
      ecosystemsModule: options.ecosystemsModule,
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      airgap: options.airgap ?? false,
    };
    this.#standby = options.standby ?? false;
    this.#idleCpus = this.#standby ? IDLE_CPUS : 0; // a scan by command line is waited for
    if (this.#standby) this.#start().worker.unref();
  }

  /** What the detectors find in `layer`. Throws `layer-unavailable`, `bad-layer`, `layer-limit`, or the signal's reason. */
  async scan(layer: LayerReference, options: LayerScanOptions): Promise<WrittenScan> {
    options.signal.throwIfAborted();
    if (this.#closed) throw new AppError('internal-error', 'layer scanner is closed');
    const { promise, resolve, reject } = Promise.withResolvers<WrittenScan>();
    const waiting: Waiting = { layer, options, since: performance.now(), resolve, reject };
    const onAbort = (): void => {
      const place = this.#queue.indexOf(waiting);
      if (place === -1) return; // at work already: `#run` sees to it
      this.#queue.splice(place, 1);
      reject(options.signal.reason);
    };
    options.signal.addEventListener('abort', onAbort, { once: true });
    this.#queue.push(waiting);
    this.#next();
    try {
      return await promise;
    } finally {
      options.signal.removeEventListener('abort', onAbort);
    }
  }

  /** How many layers wait for a thread, and how many are scanned. */
  figures(): { readonly waiting: number; readonly scanning: number } {
    const scanning = [...this.#pool].filter(({ busy }) => busy !== undefined).length;
    return { waiting: this.#queue.length, scanning };
  }

  /** Ends all threads; scans under way fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#growing);
    for (const { reject } of this.#queue.splice(0)) {
      reject(new AppError('internal-error', 'layer scanner is closed'));
    }
    await Promise.all([...this.#pool].map((thread) => this.#end(thread)));
  }

  #next(): void {
    while (this.#queue.length > 0 && !this.#closed) {
      const idle = [...this.#pool].find(({ busy }) => busy === undefined);
      if (idle === undefined && this.#pool.size > 0) {
        this.#growSoon();
        return;
      }
      this.#give(idle ?? this.#start(), this.#queue.shift()!);
    }
  }

  #growSoon(): void {
    if (this.#pool.size >= this.#threads) return;
    if (this.#growing !== undefined) return;
    const idleCpus = this.#idleMeter();
    this.#growing = setTimeout(() => {
      this.#growing = undefined;
      const first = this.#queue[0];
      if (first === undefined) return;
      const isLate = performance.now() - first.since > LONGEST_WAIT;
      if (isLate || idleCpus() >= this.#idleCpus) this.#give(this.#start(), this.#queue.shift()!);
      this.#next();
    }, PATIENCE);
  }

  #start(): Thread {
    const url = new URL(`./layer-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.mjs'}`, import.meta.url);
    const worker = new Worker(url, { workerData: this.#setup, resourceLimits: RESOURCES, execArgv: [] });
    const thread: Thread = { worker, busy: undefined, idle: undefined };
    this.#pool.add(thread);
    worker.on('error', () => this.#pool.delete(thread)); // the job, if any, listens too
    worker.on('exit', () => {
      this.#pool.delete(thread);
      this.#next();
    });
    return thread;
  }

  #give(thread: Thread, { layer, options, resolve, reject }: Waiting): void {
    clearTimeout(thread.idle);
    thread.worker.ref();
    thread.busy = this.#run(thread, layer, options)
      .then(resolve, reject)
      .finally(() => {
        thread.busy = undefined;
        // An idle thread keeps no process from ending.
        thread.worker.unref();
        thread.idle = setTimeout(() => this.#rest(thread), IDLE).unref();
        this.#next();
      });
  }

  async #run(thread: Thread, layer: LayerReference, options: LayerScanOptions): Promise<WrittenScan> {
    const { worker } = thread;
    const { detectors, allowLocal = false, signal, onProgress } = options;
    const { promise, resolve, reject } = Promise.withResolvers<WrittenScan>();
    const aborted = new SharedArrayBuffer(4);
    let grace: NodeJS.Timeout | undefined;

    const onMessage = (said: LayerAnswer): void => {
      if (said.answer === 'progress') onProgress?.({ bytes: said.bytes });
      else if (said.answer === 'scan') resolve(said.scan);
      else if (signal.aborted) reject(signal.reason);
      else
        reject(
          new AppError(
            said.code ?? 'internal-error',
            said.code ? said.message : `scanning a layer: ${said.message}`,
          ),
        );
    };
    const onError = (error: unknown): void => reject(crashed(layer, error));
    const onExit = (): void => reject(signal.aborted ? signal.reason : crashed(layer, 'thread ended'));
    const onAbort = (): void => {
      Atomics.store(new Int32Array(aborted), 0, 1);
      worker.postMessage(ABORT);
      grace = setTimeout(() => void this.#end(thread), this.#grace);
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const progress = onProgress !== undefined;
      worker.postMessage({ layer, detectors, allowLocal, progress, aborted } satisfies LayerJob);
      return await promise;
    } finally {
      clearTimeout(grace);
      signal.removeEventListener('abort', onAbort);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    }
  }

  #rest(thread: Thread): void {
    if (!this.#standby || this.#pool.size > 1) void this.#end(thread);
  }

  async #end(thread: Thread): Promise<void> {
    clearTimeout(thread.idle);
    this.#pool.delete(thread);
    await thread.worker.terminate();
  }
}

function crashed(layer: LayerReference, error: unknown): AppError {
  if ((error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new AppError('layer-limit', `layer ${layer.hash} exceeded the memory of a scanner thread`);
  }
  return new AppError('internal-error', `scanner thread failed at layer ${layer.hash}: ${messageOf(error)}`, {
    cause: error,
  });
}
