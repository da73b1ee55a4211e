/** Keeps a target while something is delivered to it. */
import type { Session } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { takeTarget } from './store/deliveries.ts';

export interface LeaseParts {
  readonly db: Session;
  readonly target: string;
  readonly owner: string;
  /** ms. */
  readonly lease: number;
  readonly log: Log;
}

/** A target that is ours. */
export interface TargetLease extends Disposable {
  /** Aborted before another replica may have it. */
  readonly lost: AbortSignal;
}

/** undefined: another replica has the target. Renewed until disposed; disposing does not give it back. */
export async function leaseTarget(parts: LeaseParts): Promise<TargetLease | undefined> {
  const { db, target, owner, lease, log } = parts;
  // Counted from before the server was asked: here it is over earlier than there.
  let until = performance.now() + lease;
  if (!(await takeTarget(db, target, owner, lease))) return undefined;
  const lost = new AbortController();
  let isAsking = false;
  const renew = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const asked = performance.now();
    try {
      if (await takeTarget(db, target, owner, lease)) until = asked + lease;
      else lost.abort(new Error('another replica delivers to this target'));
    } catch (error) {
      log.warn('the lease of a target could not be renewed', { target, reason: messageOf(error) });
    }
    isAsking = false;
  };
  const timer = setInterval(() => {
    // Some time to spare: who is told to stop needs a moment.
    if (performance.now() >= until - lease / 4) lost.abort(new Error('the lease of the target is over'));
    else void renew();
  }, lease / 5);
  return { lost: lost.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
