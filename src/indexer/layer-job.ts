/** What the scanner and its worker threads say to each other. */

import type { ErrorCode } from '../errors.ts';
import type { LayerLimits } from '../image/layer/layer-limits.ts';
import type { WrittenScan } from '../image/layer/layer-scan.ts';
import type { LayerReference } from '../model/manifest.ts';

/** What a worker knows from its start. */
export interface WorkerSetup {
  /** The module that exports `ecosystems`; undefined: ours. */
  readonly ecosystemsModule: string | undefined;
  readonly limits: LayerLimits;
  readonly airgap: boolean;
}

/** One layer to scan. */
export interface LayerJob {
  readonly layer: LayerReference;
  readonly detectors: readonly string[];
  readonly allowLocal: boolean;
  readonly progress: boolean;
  /** One Int32, set to 1 to stop: it is seen by code that never comes to reading messages. */
  readonly aborted: SharedArrayBuffer;
}

/** Sent to wake a worker that waits, after `aborted` is set. */
export const ABORT = 'abort';

/** What a worker answers: progress any number of times, then one of the others. */
export type LayerAnswer =
  | { readonly answer: 'progress'; readonly bytes: number }
  | { readonly answer: 'scan'; readonly scan: WrittenScan }
  /** `code` undefined: a bug. */
  | { readonly answer: 'error'; readonly code: ErrorCode | undefined; readonly message: string };
