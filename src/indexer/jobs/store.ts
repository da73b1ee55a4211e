/** The queue of jobs in the database: rows that are leased, so that each job has one worker at a time, and never none. */
import type { Database } from '../../db/database.ts';
import type { Digest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { JobProgress, JobStatus, QueueDepth, TakenJob } from './job.ts';
import { addJob } from './store/add-job.ts';
import { cancelJobs, giveBackJob, removeJob, renewJob } from './store/end-job.ts';
import { loadDepth } from './store/load-depth.ts';
import { loadStatus } from './store/load-status.ts';
import { takeJob, takeOldJob } from './store/take-job.ts';

export interface JobStore {
  /** Queues `manifest`; one that waits already gets its new URLs and headers, one that is worked on stays as it is. */
  add(manifest: Manifest): Promise<void>;
  /** undefined: there is no job of this manifest. */
  status(manifest: Digest): Promise<JobStatus | undefined>;
  /** Forgets jobs that nobody works on. */
  cancel(manifests: readonly Digest[]): Promise<void>;
  /** The job that has waited longest, for `lease` ms; undefined: none is due. */
  take(owner: string, lease: number): Promise<TakenJob | undefined>;
  /** The same of one that was submitted over `age` ms ago, whether it is due or not, and that nobody works on. */
  takeOld(owner: string, lease: number, age: number): Promise<TakenJob | undefined>;
  /** Keeps the job for another `lease` ms. False: it is not the owner's any more. */
  renew(owner: string, id: string, lease: number, progress: JobProgress): Promise<boolean>;
  /** Ends the job. */
  remove(owner: string, id: string): Promise<void>;
  /** Gives the job back: to be taken after `delay` ms. Without an error the attempt does not count. */
  giveBack(owner: string, id: string, delay: number, error: string | undefined): Promise<void>;
  depth(): Promise<QueueDepth>;
}

export function createJobStore(db: Database): JobStore {
  return {
    add: (manifest) => addJob(db, manifest),
    status: (manifest) => loadStatus(db, manifest),
    cancel: (manifests) => cancelJobs(db, manifests),
    take: (owner, lease) => takeJob(db, { owner, lease }),
    takeOld: (owner, lease, age) => takeOldJob(db, { owner, lease }, age),
    renew: (owner, id, lease, progress) => renewJob(db, { owner, id }, lease, progress),
    remove: (owner, id) => removeJob(db, { owner, id }),
    giveBack: (owner, id, delay, error) => giveBackJob(db, { owner, id }, delay, error),
    depth: () => loadDepth(db),
  };
}
