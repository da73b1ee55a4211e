/** A pull becomes that of a worker, which leases it: no other takes it while the lease runs. */
import type { Database } from '../../../db/database.ts';
import { milliseconds } from '../../jobs/store/milliseconds.ts';
import type { PullSource, TakenPull } from '../pull.ts';

/** Takes the one that has waited longest, for `lease` ms; undefined: none is due. */
export async function takePull(db: Database, owner: string, lease: number): Promise<TakenPull | undefined> {
  const [row] = await db.query<{
    id: string;
    key: string;
    source: string;
    credentials: Uint8Array | null;
    isKept: boolean;
    attempts: number;
  }>({
    name: 'take-registry-pull',
    text: `
      update registry_pull
      set owner = $1, due = now() + ${milliseconds('$2')}, attempts = attempts + 1, again = false
      where id = (
        select id from registry_pull where ended is null and due <= now()
        order by due, id limit 1 for update skip locked)
      returning id::text, key, source, credentials, request is not null as "isKept", attempts`,
    values: [owner, lease],
  });
  if (row === undefined) return undefined;
  const source = JSON.parse(row.source) as PullSource;
  return { ...row, source, credentials: row.credentials ?? undefined };
}

/** Keeps the pull for another `lease` ms. False: it is not the owner's any more. */
export async function renewPull(db: Database, owner: string, id: string, lease: number): Promise<boolean> {
  const rows = await db.query({
    name: 'renew-registry-pull',
    text: `
      update registry_pull set due = now() + ${milliseconds('$3')}
      where id = $2 and owner = $1 and ended is null returning id`,
    values: [owner, id, lease],
  });
  return rows.length > 0;
}
