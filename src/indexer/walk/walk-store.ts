/** How far the walks of catalogs are, in the database: each registry is walked by one process at a time. */
import type { Database } from '../../db/database.ts';
import type { LeaseQueue } from '../../lib/leased-work.ts';
import { milliseconds } from '../jobs/store/milliseconds.ts';

export interface TakenWalk {
  /** The host. */
  readonly id: string;
  /** The last repository that was read; undefined: the walk begins. */
  readonly after: string | undefined;
}

export interface WalkStore extends LeaseQueue<TakenWalk> {
  /** Notes that a repository has been read. */
  passed(owner: string, host: string, repository: string): Promise<void>;
  /** Ends the walk; the next begins `interval` ms after this one began. */
  end(owner: string, host: string, interval: number): Promise<void>;
  /** Gives it back: to be gone on with after `delay` ms. */
  giveBack(owner: string, host: string, delay: number): Promise<void>;
}

/** Walks of `hosts` only. */
export function createWalkStore(db: Database, hosts: readonly string[]): WalkStore {
  return {
    async take(owner, lease) {
      const [row] = await db.query<{ registry: string; repository: string | null }>({
        name: 'take-registry-walk',
        text: `
          with configured as (
            insert into registry_walk (registry) select unnest($3::text[]) on conflict do nothing returning registry)
          update registry_walk
          set owner = $1, due = now() + ${milliseconds('$2')}, started = coalesce(started, now())
          where registry = (
            select registry from registry_walk where registry = any ($3::text[]) and due <= now()
            order by due limit 1 for update skip locked)
          returning registry, repository`,
        values: [owner, lease, hosts],
      });
      return row && { id: row.registry, after: row.repository ?? undefined };
    },
    async renew(owner, id, lease) {
      const rows = await db.query({
        name: 'renew-registry-walk',
        text: `
          update registry_walk set due = now() + ${milliseconds('$3')}
          where registry = $2 and owner = $1 returning registry`,
        values: [owner, id, lease],
      });
      return rows.length > 0;
    },
    async passed(owner, host, repository) {
      await db.query({
        name: 'pass-registry-walk',
        text: 'update registry_walk set repository = $3 where registry = $2 and owner = $1',
        values: [owner, host, repository],
      });
    },
    async end(owner, host, interval) {
      await db.query({
        name: 'end-registry-walk',
        text: `
          update registry_walk
          set owner = null, repository = null, due = greatest(now(), started + ${milliseconds('$3')}), started = null
          where registry = $2 and owner = $1`,
        values: [owner, host, interval],
      });
    },
    async giveBack(owner, host, delay) {
      await db.query({
        name: 'give-back-registry-walk',
        text: `
          update registry_walk set owner = null, due = now() + ${milliseconds('$3')}
          where registry = $2 and owner = $1`,
        values: [owner, host, delay],
      });
    },
  };
}
