/** A worker thread of the layer scanner: scans one layer at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Detector } from '../contract/detector.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import { AppError, messageOf } from '../errors.ts';
import { createLayerBudget, type LayerLimits } from '../image/layer/layer-limits.ts';
import { type LayerScan, type WrittenScan, writeScan } from '../image/layer/layer-scan.ts';
import { walkLayer } from '../image/layer/walk-layer.ts';
import { garbageCollector } from '../lib/free-memory.ts';
import { ABORT, type LayerAnswer, type LayerJob, type WorkerSetup } from './layer-job.ts';

/** Often enough for a progress bar. */
const PROGRESS_EVERY = 100;

const setup = workerData as WorkerSetup;
const port = parentPort!;
const { ecosystems }: { ecosystems: readonly Ecosystem[] } =
  setup.ecosystemsModule === undefined
    ? await import('../ecosystems/index.ts')
    : await import(setup.ecosystemsModule);
const detectors = ecosystems.flatMap((ecosystem) => ecosystem.detectors);
const garbage = garbageCollector();
let abort: AbortController | undefined;

port.on('message', (message: LayerJob | typeof ABORT) => {
  if (message === ABORT) abort?.abort(new AppError('layer-unavailable', 'scan of the layer was aborted'));
  else void answer(message);
});

async function answer(job: LayerJob): Promise<void> {
  const controller = new AbortController();
  abort = controller;
  let said: LayerAnswer;
  try {
    said = { answer: 'scan', scan: await scan(job, controller.signal) };
  } catch (error) {
    const code = error instanceof AppError ? error.code : undefined;
    said = {
      answer: 'error',
      code,
      message: code ? messageOf(error) : ((error as Error)?.stack ?? String(error)),
    };
  }
  abort = undefined;
  port.postMessage(said);
  garbage.collectAll();
}

async function scan(job: LayerJob, signal: AbortSignal): Promise<WrittenScan> {
  const { layer, allowLocal } = job;
  const flag = new Int32Array(job.aborted);
  const wanted = new Set(job.detectors);
  const isFolder = layer.uri.startsWith('dir:');
  const chosen: Detector[] = detectors.filter(
    ({ id, checkouts }) => wanted.has(id) && (isFolder || !checkouts),
  );
  const limits = isFolder ? ofFolder(setup.limits) : setup.limits;
  const budget = createLayerBudget(limits, () => Atomics.load(flag, 0) !== 0);
  const progress = job.progress ? createProgress() : undefined;
  let received = 0;
  const onBytes = (bytes: number): void => {
    garbage.received(Math.max(0, bytes - received)); // a layer may be read a second time
    received = bytes;
    progress?.at(bytes);
  };
  try {
    if (allowLocal && isFolder) {
      const { walkDirectory } = await import('../image/layer/walk-directory.ts');
      return written(await walkDirectory(layer, chosen, { budget, onBytes }));
    }
    const { airgap } = setup;
    return written(await walkLayer(layer, chosen, { budget, signal, allowLocal, airgap, onBytes }));
  } finally {
    progress?.end();
  }
}

/** All that was known of the layer besides what was found is garbage by now. */
function written(scan: LayerScan): WrittenScan {
  garbage.collectAll();
  return writeScan(scan);
}

/** A folder is one's own, and may hold the lock files of a hundred applications. */
function ofFolder(limits: LayerLimits): LayerLimits {
  return { ...limits, detections: 4 * limits.detections };
}

/** Tells how many bytes there are so far: now and then, and at the end. */
function createProgress(): { at(bytes: number): void; end(): void } {
  let last = 0;
  let received = 0;
  let told = 0;
  const tell = (): void => {
    if (received === told) return;
    told = received;
    port.postMessage({ answer: 'progress', bytes: received } satisfies LayerAnswer);
  };
  return {
    at(bytes) {
      received = bytes;
      const now = performance.now();
      if (now - last < PROGRESS_EVERY) return;
      last = now;
      tell();
    },
    end: tell,
  };
}
