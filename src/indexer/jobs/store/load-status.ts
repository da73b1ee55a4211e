/** How far a job is. */
import type { Database } from '../../../db/database.ts';
import type { Digest } from '../../../model/digest.ts';
import type { JobStatus } from '../job.ts';

/** Returns undefined if there is no job of `manifest`. */
export async function loadStatus(db: Database, manifest: Digest): Promise<JobStatus | undefined> {
  const [row] = await db.query<StatusRow>({
    name: 'index-job-status',
    text: `
      select owner is not null and due > now() as running, submitted, attempts, error,
        layers_total as "layersTotal", layers_done as "layersDone", bytes::float8 as bytes
      from index_job where manifest = $1`,
    values: [manifest],
  });
  return row && { ...row, manifest, submitted: new Date(row.submitted), error: row.error ?? undefined };
}

interface StatusRow {
  readonly running: boolean;
  readonly submitted: string | Date;
  readonly attempts: number;
  readonly error: string | null;
  readonly layersTotal: number;
  readonly layersDone: number;
  readonly bytes: number;
}
