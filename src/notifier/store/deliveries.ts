/** Reads and writes the delivery queue of each target, with the result of each delivery. */
import type { Session } from '../../db/database.ts';

export interface QueuedDelivery {
  readonly id: string;
  readonly notification: string;
  /** Number of started attempts. */
  readonly attempts: number;
  readonly due: Date;
}

/** Returns the first delivery in the queue of a target; the others wait for it, due or not. undefined: the queue is empty. */
export async function loadHead(db: Session, target: string): Promise<QueuedDelivery | undefined> {
  const [row] = await db.query<Omit<QueuedDelivery, 'due'> & { due: string | Date }>({
    name: 'load-delivery-head',
    text: `
      select id::text, notification, attempts, due from notification_delivery
      where target = $1 and state = 'waiting' order by position limit 1`,
    values: [target],
  });
  return row && { ...row, due: new Date(row.due) };
}

/** Counts an attempt before it is made, so that one that ends with its process counts. */
export async function beginAttempt(db: Session, id: string, now: Date): Promise<void> {
  await db.query({
    name: 'begin-attempt',
    text: 'update notification_delivery set attempts = attempts + 1, last_attempt = $2 where id = $1',
    values: [id, now],
  });
}

/** Subtracts an attempt that the service aborted. */
export async function takeBackAttempt(db: Session, id: string): Promise<void> {
  await db.query({
    name: 'take-back-attempt',
    text: `update notification_delivery set attempts = attempts - 1 where id = $1 and state = 'waiting'`,
    values: [id],
  });
}

/** Stores that a delivery arrived, also of a set that its receiver has deleted in the meantime. */
export async function saveDelivered(db: Session, id: string, now: Date): Promise<void> {
  await db.query({
    name: 'save-delivered',
    text: `
      with delivered as (
        update notification_delivery set state = 'delivered', ended = $2, last_error = null
        where id = $1 and state in ('waiting', 'deleted')
        returning target)
      update notification_target set last_success = $2 where name in (select target from delivered)`,
    values: [id, now],
  });
}

/** Stores a failed attempt; the next one is at `due`. */
export async function saveRetry(db: Session, id: string, due: Date, error: string): Promise<void> {
  await db.query({
    name: 'save-retry',
    text: `update notification_delivery set due = $2, last_error = $3 where id = $1 and state = 'waiting'`,
    values: [id, due, error],
  });
}

/** Stores that no further attempt is made: a dead letter. */
export async function saveDead(db: Session, id: string, now: Date, error: string): Promise<void> {
  await db.query({
    name: 'save-dead',
    text: `
      update notification_delivery set state = 'dead', ended = $2, last_error = $3
      where id = $1 and state = 'waiting'`,
    values: [id, now, error],
  });
}

/** Marks a set as processed if all targets received it completely (`direct`). */
export async function deleteDelivered(
  db: Session,
  notification: string,
  directTargets: readonly string[],
  now: Date,
): Promise<void> {
  await db.query({
    name: 'delete-delivered',
    text: `
      update notification n set deleted = coalesce(deleted, $3)
      where id = $1 and not exists (
        select from notification_delivery d
        where d.notification = n.id and (d.state in ('waiting', 'dead') or not d.target = any ($2::text[])))`,
    values: [notification, directTargets, now],
  });
}

/** Takes or renews the lease of a target for `lease` ms by the server's clock. Returns false if another replica has it. */
export async function takeTarget(
  db: Session,
  target: string,
  owner: string,
  lease: number,
): Promise<boolean> {
  const rows = await db.query({
    name: 'take-target',
    text: `
      insert into notification_target as t (name, owner, until)
      values ($1, $2, now() + $3::float8 * interval '1 millisecond')
      on conflict (name) do update set owner = excluded.owner, until = excluded.until
      where t.owner is null or t.owner = excluded.owner or t.until <= now()
      returning name`,
    values: [target, owner, lease],
  });
  return rows.length > 0;
}

export async function releaseTarget(db: Session, target: string, owner: string): Promise<void> {
  await db.query({
    name: 'release-target',
    text: 'update notification_target set owner = null where name = $1 and owner = $2',
    values: [target, owner],
  });
}

/** Appends an ended delivery to the queue of its target, with all attempts. Returns false if it is unknown or queued. */
export async function requeue(db: Session, id: string, now: Date): Promise<boolean> {
  const rows = await db.query({
    name: 'requeue-delivery',
    text: `
      update notification_delivery d
      set state = 'waiting', attempts = 0, due = $2, ended = null, position = default
      where id = $1 and state <> 'waiting' and not exists (
        select from notification n where n.id = d.notification and n.forgotten)
      returning id`,
    values: [id, now],
  });
  return rows.length > 0;
}
