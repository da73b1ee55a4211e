/** A manifest that is to be indexed later, and how far that is. */
import type { z } from 'zod';
import type { IndexJob } from '../../model/api/index-report.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';

/** What a client is told of a job. */
export interface JobStatus {
  readonly manifest: Digest;
  /** Whether a worker has it. */
  readonly running: boolean;
  readonly submitted: Date;
  /** Workers that began with it. */
  readonly attempts: number;
  /** Why the last attempt failed; undefined: none did. */
  readonly error: string | undefined;
  readonly layersTotal: number;
  readonly layersDone: number;
  /** Received so far, of all layers that had to be fetched. */
  readonly bytes: number;
}

/** A job that a worker has taken. */
export interface TakenJob {
  readonly id: string;
  readonly manifest: Manifest;
  /** This one included. */
  readonly attempts: number;
}

export interface JobProgress {
  readonly layersDone: number;
  readonly bytes: number;
}

/** How much waits, for metrics. */
export interface QueueDepth {
  readonly waiting: number;
  readonly running: number;
  /** Seconds that the job waits which has been due for longest; 0: no job waits for a worker. */
  readonly oldestSeconds: number;
}

/** The key of our own in a report whose job is not done. */
export type JobWire = z.infer<typeof IndexJob>;

export function jobToWire(job: JobStatus): JobWire {
  return {
    state: job.running ? 'running' : 'queued',
    submitted: job.submitted.toISOString(),
    attempts: job.attempts,
    ...(job.error !== undefined && { error: job.error }),
    layers_total: job.layersTotal,
    layers_done: job.layersDone,
    bytes: job.bytes,
  };
}
