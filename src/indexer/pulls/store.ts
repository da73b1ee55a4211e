/** The queue of images of registries in the database: rows that are leased. */
import type { Database } from '../../db/database.ts';
import type { LeaseQueue } from '../../lib/leased-work.ts';
import type { NewPull, PullDepth, PullOutcome, PullStatus, TakenPull } from './pull.ts';
import { addPull, countPulls } from './store/add-pull.ts';
import { endPull, forgetEndedPulls, giveBackPull } from './store/end-pull.ts';
import { loadPull } from './store/load-pull.ts';
import { loadPullDepth } from './store/load-pull-depth.ts';
import { renewPull, takePull } from './store/take-pull.ts';

export interface PullStore extends LeaseQueue<TakenPull> {
  /** Queues it, unless it waits already. False: as many wait as may. */
  add(pull: NewPull): Promise<boolean>;
  /** Ends it, with why it failed or what it brought. */
  end(owner: string, pull: TakenPull, result: PullOutcome | string): Promise<void>;
  /** Gives it back: to be taken after `delay` ms. Without an error the attempt does not count. */
  giveBack(owner: string, id: string, delay: number, error: string | undefined): Promise<void>;
  /** undefined: there is none, or nobody asked for its outcome. */
  status(key: string): Promise<PullStatus | undefined>;
  /** How long the queue is. */
  depth(): Promise<PullDepth>;
  /** Forgets what ended over `age` ms ago. */
  forgetEnded(age: number): Promise<void>;
}

/** Pulls that may wait, but for those that each replica adds between two counts. */
const MAX_WAITING = 100_000;
/** Counting costs as much as there are: a walk adds very many. */
const COUNT_EVERY = 500;

export function createPullStore(db: Database, most = MAX_WAITING): PullStore {
  let room = 0;
  return {
    async add(pull) {
      if (room <= 0) room = Math.min(COUNT_EVERY, most - (await countPulls(db)));
      if (room <= 0) return false;
      room--;
      await addPull(db, pull);
      return true;
    },
    take: (owner, lease) => takePull(db, owner, lease),
    renew: (owner, id, lease) => renewPull(db, owner, id, lease),
    end: (owner, pull, result) => endPull(db, owner, pull, result),
    giveBack: (owner, id, delay, error) => giveBackPull(db, owner, id, delay, error),
    status: (key) => loadPull(db, key),
    depth: () => loadPullDepth(db),
    forgetEnded: (age) => forgetEndedPulls(db, age),
  };
}
