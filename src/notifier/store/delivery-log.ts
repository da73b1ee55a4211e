/** Loads deliveries and the state of targets for operators. */
import type { Session } from '../../db/database.ts';

export const DELIVERY_STATES = ['waiting', 'delivered', 'dead', 'deleted'] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface DeliveryFilter {
  readonly state: DeliveryState | undefined;
  readonly target: string | undefined;
  /** Returns only deliveries before this id; the newest are first. */
  readonly next: string | undefined;
  readonly size: number;
}

/** A delivery as in the API. */
export interface DeliveryWire {
  readonly id: string;
  readonly notification_id: string;
  readonly updater: string;
  readonly items: number;
  readonly transport: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly created: string;
  readonly last_attempt: string | null;
  readonly next_attempt: string | null;
  readonly ended: string | null;
  readonly last_error: string | null;
}

const TIME = (column: string): string =>
  `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Returns deliveries, newest first. */
export async function loadDeliveries(db: Session, filter: DeliveryFilter): Promise<DeliveryWire[]> {
  return await db.query<DeliveryWire>({
    name: 'load-deliveries',
    text: `
      select d.id::text, d.notification as notification_id, n.updater, n.items, d.target as transport, d.state, d.attempts,
        ${TIME('n.created')} as created, ${TIME('d.last_attempt')} as last_attempt,
        case when d.state = 'waiting' then ${TIME('d.due')} end as next_attempt,
        ${TIME('d.ended')} as ended, d.last_error
      from notification_delivery d join notification n on n.id = d.notification
      where not n.forgotten and ($1::text is null or d.state = $1) and ($2::text is null or d.target = $2)
        and ($3::bigint is null or d.id < $3)
      order by d.id desc limit $4`,
    values: [filter.state ?? null, filter.target ?? null, filter.next ?? null, filter.size],
  });
}

/** Number of deliveries of one target in each state. */
export interface TargetStatus {
  readonly transport: string;
  readonly waiting: number;
  readonly delivered: number;
  readonly dead: number;
  /** Age in seconds of the oldest waiting set; 0: none waits. */
  readonly oldest_waiting_seconds: number;
  /** RFC 3339; null: nothing has arrived yet. */
  readonly last_success: string | null;
  /** Error of the first delivery in the queue; null: none. */
  readonly last_error: string | null;
}

/** Returns the state of `targets`, and of others with queued deliveries. */
export async function loadTargetStatus(
  db: Session,
  targets: readonly string[],
  now: Date,
): Promise<TargetStatus[]> {
  return await db.query<TargetStatus>({
    name: 'load-target-status',
    text: `
      with counted as (
        select d.target,
          count(*) filter (where d.state = 'waiting') as waiting,
          count(*) filter (where d.state = 'delivered') as delivered,
          count(*) filter (where d.state = 'dead') as dead,
          min(n.created) filter (where d.state = 'waiting') as oldest
        from notification_delivery d join notification n on n.id = d.notification
        group by d.target)
      select target as transport,
        coalesce(waiting, 0)::float8 as waiting,
        coalesce(delivered, 0)::float8 as delivered,
        coalesce(dead, 0)::float8 as dead,
        greatest(0, coalesce(extract(epoch from $1 - oldest), 0))::float8 as oldest_waiting_seconds,
        ${TIME('t.last_success')} as last_success,
        (select last_error from notification_delivery h
          where h.target = coalesce(counted.target, wanted.target) and h.state = 'waiting' order by position limit 1) as last_error
      from counted full join unnest($2::text[]) as wanted (target) using (target)
        left join notification_target t on t.name = target
      order by target`,
    values: [now, targets],
  });
}
