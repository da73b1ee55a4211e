/** The queue of jobs in the database: rows that are leased, so that each job has one worker at a time, and never none. */
import type { Database } from '../../db/database.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { JobProgress, JobStatus, QueueDepth, TakenJob } from './job.ts';

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

const interval = (parameter: string): string => `${parameter}::float8 * interval '1 millisecond'`;

export function createJobStore(db: Database): JobStore {
  /** The job that `which` chooses becomes that of the owner. */
  async function take(
    name: string,
    which: string,
    values: readonly [owner: string, lease: number, ...rest: number[]],
  ): Promise<TakenJob | undefined> {
    const [row] = await db.query<{ id: string; manifest: string; layers: string; attempts: number }>({
      name,
      text: `
        update index_job
        set owner = $1, due = now() + ${interval('$2')}, attempts = attempts + 1, layers_done = 0, bytes = 0
        where id = (${which})
        returning id::text, manifest, layers, attempts`,
      values,
    });
    if (row === undefined) return undefined;
    const layers = JSON.parse(row.layers) as Manifest['layers'];
    return { id: row.id, manifest: { hash: parseDigest(row.manifest), layers }, attempts: row.attempts };
  }

  return {
    async add({ hash, layers }) {
      await db.query({
        name: 'add-index-job',
        text: `
          insert into index_job as j (manifest, layers, layers_total) values ($1, $2, $3)
          on conflict (manifest) do update
          set layers = excluded.layers, layers_total = excluded.layers_total, due = least(j.due, now())
          where j.owner is null`,
        values: [hash, JSON.stringify(layers), new Set(layers.map((layer) => layer.hash)).size],
      });
    },
    async status(manifest) {
      const [row] = await db.query<StatusRow>({
        name: 'index-job-status',
        text: `
          select owner is not null and due > now() as running, submitted, attempts, error,
            layers_total as "layersTotal", layers_done as "layersDone", bytes::float8 as bytes
          from index_job where manifest = $1`,
        values: [manifest],
      });
      return row && { ...row, manifest, submitted: new Date(row.submitted), error: row.error ?? undefined };
    },
    async cancel(manifests) {
      await db.query({
        name: 'cancel-index-jobs',
        text: 'delete from index_job where manifest = any ($1::text[]) and owner is null',
        values: [manifests],
      });
    },
    take: (owner, lease) =>
      take(
        'take-index-job',
        'select id from index_job where due <= now() order by due, id limit 1 for update skip locked',
        [owner, lease],
      ),
    // Ids are given in the order of submission: if none of the first is old, none is.
    takeOld: (owner, lease, age) =>
      take(
        'take-old-index-job',
        `select id from index_job
         where id in (select id from index_job order by id limit 1000)
           and submitted < now() - ${interval('$3')} and (owner is null or due <= now())
         order by id limit 1 for update skip locked`,
        [owner, lease, age],
      ),
    async renew(owner, id, lease, { layersDone, bytes }) {
      const rows = await db.query({
        name: 'renew-index-job',
        text: `
          update index_job set due = now() + ${interval('$3')}, layers_done = $4, bytes = $5
          where id = $2 and owner = $1 returning id`,
        values: [owner, id, lease, layersDone, bytes],
      });
      return rows.length > 0;
    },
    async remove(owner, id) {
      await db.query({
        name: 'remove-index-job',
        text: 'delete from index_job where id = $2 and owner = $1',
        values: [owner, id],
      });
    },
    async giveBack(owner, id, delay, error) {
      await db.query({
        name: 'give-back-index-job',
        text: `
          update index_job
          set owner = null, due = now() + ${interval('$3')}, error = coalesce($4, error),
            attempts = attempts - case when $4::text is null then 1 else 0 end
          where id = $2 and owner = $1`,
        values: [owner, id, delay, error ?? null],
      });
    },
    async depth() {
      // Each by an index of its own: a million rows with their layers are not to be read for that.
      const [row] = await db.query<QueueDepth>({
        name: 'index-job-depth',
        text: `
          select (all_jobs.n - running.n)::float8 as waiting, running.n::float8 as running,
            coalesce((select extract(epoch from now() - submitted) from index_job order by id limit 1), 0)::float8
              as "oldestSeconds"
          from (select count(*) as n from index_job) all_jobs,
            (select count(owner) as n from index_job where owner is not null) running`,
      });
      return row ?? { waiting: 0, running: 0, oldestSeconds: 0 };
    },
  };
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
