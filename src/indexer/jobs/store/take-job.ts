/** A job becomes that of a worker, which leases it: no other takes it while the lease runs. */
import type { Database } from '../../../db/database.ts';
import { parseDigest } from '../../../model/digest.ts';
import type { Manifest } from '../../../model/manifest.ts';
import type { TakenJob } from '../job.ts';
import { milliseconds } from './milliseconds.ts';

/** Who takes it, and for how many ms. */
export interface Lease {
  readonly owner: string;
  readonly lease: number;
}

/** Takes the job that has waited longest; undefined: none is due. */
export async function takeJob(db: Database, lease: Lease): Promise<TakenJob | undefined> {
  const due = 'select id from index_job where due <= now() order by due, id limit 1 for update skip locked';
  return await take(db, lease, { name: 'take-index-job', which: due });
}

/** Takes a job that was submitted over `age` ms ago, whether it is due or not, and that nobody works on. */
export async function takeOldJob(db: Database, lease: Lease, age: number): Promise<TakenJob | undefined> {
  // Ids are given in the order of submission: if none of the first is old, none is.
  const old = `
    select id from index_job
    where id in (select id from index_job order by id limit 1000)
      and submitted < now() - ${milliseconds('$3')} and (owner is null or due <= now())
    order by id limit 1 for update skip locked`;
  return await take(db, lease, { name: 'take-old-index-job', which: old, values: [age] });
}

interface Choice {
  readonly name: string;
  /** SQL of the id. */
  readonly which: string;
  /** Its parameters, from `$3` on. */
  readonly values?: readonly number[];
}

async function take(
  db: Database,
  { owner, lease }: Lease,
  { name, which, values = [] }: Choice,
): Promise<TakenJob | undefined> {
  const [row] = await db.query<{ id: string; manifest: string; layers: string; attempts: number }>({
    name,
    text: `
      update index_job
      set owner = $1, due = now() + ${milliseconds('$2')}, attempts = attempts + 1, layers_done = 0, bytes = 0
      where id = (${which})
      returning id::text, manifest, layers, attempts`,
    values: [owner, lease, ...values],
  });
  if (row === undefined) return undefined;
  const layers = JSON.parse(row.layers) as Manifest['layers'];
  return { id: row.id, manifest: { hash: parseDigest(row.manifest), layers }, attempts: row.attempts };
}
