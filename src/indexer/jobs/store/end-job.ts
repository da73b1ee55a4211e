/** How the work on a job ends, or goes on: only its owner may say so. */
import type { Database } from '../../../db/database.ts';
import type { Digest } from '../../../model/digest.ts';
import type { JobProgress } from '../job.ts';
import { milliseconds } from './milliseconds.ts';

/** A job, and whose it is to be. */
export interface OwnedJob {
  readonly owner: string;
  readonly id: string;
}

/** Keeps the job for another `lease` ms. False: it is not the owner's any more. */
export async function renewJob(
  db: Database,
  { owner, id }: OwnedJob,
  lease: number,
  { layersDone, bytes }: JobProgress,
): Promise<boolean> {
  const rows = await db.query({
    name: 'renew-index-job',
    text: `
      update index_job set due = now() + ${milliseconds('$3')}, layers_done = $4, bytes = $5
      where id = $2 and owner = $1 returning id`,
    values: [owner, id, lease, layersDone, bytes],
  });
  return rows.length > 0;
}

/** Ends the job. */
export async function removeJob(db: Database, { owner, id }: OwnedJob): Promise<void> {
  await db.query({
    name: 'remove-index-job',
    text: 'delete from index_job where id = $2 and owner = $1',
    values: [owner, id],
  });
}

/** Gives the job back: to be taken after `delay` ms. Without an error the attempt does not count. */
export async function giveBackJob(
  db: Database,
  { owner, id }: OwnedJob,
  delay: number,
  error: string | undefined,
): Promise<void> {
  await db.query({
    name: 'give-back-index-job',
    text: `
      update index_job
      set owner = null, due = now() + ${milliseconds('$3')}, error = coalesce($4, error),
        attempts = attempts - case when $4::text is null then 1 else 0 end
      where id = $2 and owner = $1`,
    values: [owner, id, delay, error ?? null],
  });
}

/** Forgets the jobs of `manifests` that nobody works on. */
export async function cancelJobs(db: Database, manifests: readonly Digest[]): Promise<void> {
  await db.query({
    name: 'cancel-index-jobs',
    text: 'delete from index_job where manifest = any ($1::text[]) and owner is null',
    values: [manifests],
  });
}
