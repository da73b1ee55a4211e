/** Brings the sets of one target to it: in order, one at a time, again and again until it has taken them. */
import type { Database } from '../db/database.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { redact } from '../lib/redact.ts';
import { PermanentError, RetryAfterError, type Transport } from '../transports/contract.ts';
import { backoff } from './backoff.ts';
import { readSet } from './read-set.ts';
import {
  beginAttempt,
  deleteDelivered,
  loadHead,
  type QueuedDelivery,
  releaseTarget,
  saveDead,
  saveDelivered,
  saveRetry,
  takeBackAttempt,
} from './store/deliveries.ts';
import { leaseTarget } from './target-lease.ts';

export interface DelivererParts {
  readonly db: Database;
  readonly transport: Transport;
  /** Names of all transports that send the notifications themselves. */
  readonly directTargets: readonly string[];
  readonly log: Log;
  readonly now: () => Date;
  /** Of this process: no other has the same. */
  readonly owner: string;
  /** Ids of deliveries that arrived while the database could not be told: they do not go out again. */
  readonly arrived: Set<string>;
  /** After so many failures it is a dead letter. */
  readonly attempts: number;
  /** Longest ms between two attempts. */
  readonly interval: number;
  readonly lease?: number;
  readonly random?: () => number;
}

/** ms after which the target of a replica that is silent goes to another one. */
const LEASE = 30_000;
/** ms for a callback, and for a set that is sent itself. */
const TIMEOUT = { callback: 60_000, direct: 15 * 60_000 } as const;
const MAX_ERROR = 1000;
const INTERRUPTED = 'the process ended during the last attempt';

/**
 * Delivers what is due until nothing is. Gives in how many ms the next is due; undefined: nothing waits, or another
 * replica is at it. Throws when the database does.
 */
export async function deliverDue(parts: DelivererParts, signal: AbortSignal): Promise<number | undefined> {
  const { db, transport, now, owner, log, lease: length = LEASE } = parts;
  const target = transport.name;
  const first = await loadHead(db, target);
  if (first === undefined) return undefined;
  if (first.due > now()) return first.due.getTime() - now().getTime();
  using lease = await leaseTarget({ db, target, owner, lease: length, log });
  if (lease === undefined) return undefined;
  try {
    while (!signal.aborted && !lease.lost.aborted) {
      // Read again now that the target is ours: another replica may just have delivered it.
      const head = await loadHead(db, target);
      if (head === undefined) return undefined;
      const wait = head.due.getTime() - now().getTime();
      if (wait > 0) return wait;
      if (parts.arrived.has(head.id) || (await attempt(parts, head, { stop: signal, lost: lease.lost }))) {
        await saveArrival(parts, head);
      }
    }
    return undefined;
  } finally {
    lease[Symbol.dispose]();
    if (!lease.lost.aborted) await releaseTarget(db, target, owner);
  }
}

/** Gives whether it arrived. */
async function attempt(
  parts: DelivererParts,
  head: QueuedDelivery,
  { stop, lost }: { readonly stop: AbortSignal; readonly lost: AbortSignal },
): Promise<boolean> {
  const { db, transport, now, log, attempts: most } = parts;
  const fields = { transport: transport.name, notification: head.notification, attempt: head.attempts + 1 };
  if (head.attempts >= most) {
    // Every attempt failed to tell what became of it: it may be what ends them.
    log.error('notification is a dead letter', { ...fields, reason: INTERRUPTED });
    await saveDead(db, head.id, now(), INTERRUPTED);
    return false;
  }
  await beginAttempt(db, head.id, now());
  const timeout = AbortSignal.timeout(transport.direct ? TIMEOUT.direct : TIMEOUT.callback);
  const signal = AbortSignal.any([stop, lost, timeout]);
  try {
    await within(
      signal,
      transport.deliver(
        {
          notificationId: head.notification,
          callback: callbackOf(transport.callback, head.notification),
          ...(transport.direct && { notifications: readSet(db, head.notification) }),
        },
        signal,
      ),
    );
  } catch (error) {
    if (lost.aborted) {
      log.warn('a target was lost in mid-delivery: it may get a notification twice', fields);
      return false;
    }
    if (stop.aborted) {
      await takeBackAttempt(db, head.id);
      return false;
    }
    const reason = redact(
      timeout.aborted ? `no answer in time: ${messageOf(error)}` : messageOf(error),
    ).slice(0, MAX_ERROR);
    if (error instanceof PermanentError || head.attempts + 1 >= most) {
      log.error('notification is a dead letter', { ...fields, reason });
      await saveDead(db, head.id, now(), reason);
      return false;
    }
    const asked = error instanceof RetryAfterError ? error.retryAfter : undefined;
    const wait = backoff(head.attempts + 1, asked, {
      longest: parts.interval,
      random: parts.random ?? Math.random,
    });
    log.warn('notification was not delivered, and will be tried again', { ...fields, reason, wait });
    await saveRetry(db, head.id, new Date(now().getTime() + wait), reason);
    return false;
  }
  parts.arrived.add(head.id);
  log.info('notification delivered', fields);
  return true;
}

async function saveArrival(parts: DelivererParts, head: QueuedDelivery): Promise<void> {
  const { db, transport, now, arrived, directTargets } = parts;
  await saveDelivered(db, head.id, now());
  arrived.delete(head.id);
  if (transport.direct) await deleteDelivered(db, head.notification, directTargets, now());
}

/** A transport that does not heed its signal must not hold up the others of its target for ever. */
async function within(signal: AbortSignal, work: Promise<void>): Promise<void> {
  const over = Promise.withResolvers<never>();
  const end = (): void => over.reject(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  work.catch(() => {}); // it may fail after nobody listens any more
  try {
    await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** '' if none is configured. */
export function callbackOf(callback: string, notification: string): string {
  return callback === '' ? '' : `${callback.replace(/\/+$/, '')}/${notification}`;
}
