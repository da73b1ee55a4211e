/** The notifier: polls the runs of the matcher, creates notifications of affected manifests, and delivers them. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Database } from '../db/database.ts';
import { createBell } from '../lib/bell.ts';
import type { Log } from '../lib/log.ts';
import type { Transport } from '../transports/contract.ts';
import { type DelivererParts, deliverDue } from './deliverer.ts';
import type { Baseline } from './plan-runs.ts';
import { type Polled, poll } from './poll.ts';
import { runNotifier } from './run-notifier.ts';
import type { ManifestSource, RunSource } from './sources.ts';
import { collectGarbage } from './store/collect-garbage.ts';
import { requeue } from './store/deliveries.ts';
import {
  type DeliveryFilter,
  type DeliveryWire,
  loadDeliveries,
  loadTargetStatus,
  type TargetStatus,
} from './store/delivery-log.ts';
import { deleteSet, loadPage, type Page } from './store/notifications.ts';
import { type TestResult, testDelivery } from './test-delivery.ts';

export interface Notifier {
  /** Polls the matcher once. Returns the number of notification sets that were stored. */
  poll(signal: AbortSignal): Promise<number>;
  /** Delivers what is due at one target (`deliverDue`). Returns the number of deliveries; undefined if another replica has the target. */
  deliver(target: string, signal: AbortSignal): Promise<number | undefined>;
  /** Polls, delivers and deletes old sets until `signal` is aborted. Never throws. */
  run(signal: AbortSignal): Promise<void>;
  /** Returns at most `size` notifications of a set, from `next`; undefined if the set is unknown. */
  page(notification: string, options: { next: string | undefined; size: number }): Promise<Page | undefined>;
  /** Marks a set as processed by its receiver. Returns false if the set is unknown. */
  remove(notification: string): Promise<boolean>;
  deliveries(filter: DeliveryFilter): Promise<DeliveryWire[]>;
  status(): Promise<TargetStatus[]>;
  /** Queues an ended delivery again. Returns false if it is unknown or already queued. */
  redeliver(delivery: string): Promise<boolean>;
  /** Sends a test notification to one target, or to all (undefined), once. Throws `bad-request` for an unknown target. */
  test(target: string | undefined, signal: AbortSignal): Promise<TestResult[]>;
  collectGarbage(signal: AbortSignal): Promise<number>;
}

export interface NotifierParts {
  readonly db: Database;
  readonly runs: RunSource;
  readonly manifests: ManifestSource;
  readonly transports: readonly Transport[];
  readonly settings: NotifierSettings;
  readonly log: Log;
  readonly now: () => Date;
}

/** Settings of the notifier. Times are in ms. */
export interface NotifierSettings {
  readonly pollInterval: number;
  /** Longest time between two attempts of a delivery. */
  readonly deliveryInterval: number;
  readonly deliveryAttempts: number;
  /** How long delivered and dead sets can be read. */
  readonly retention: number;
  readonly summary: boolean;
  readonly baseline: Baseline;
  /** Lease of a target: another replica takes over when it has expired. */
  readonly lease?: number;
  /** Interval of looking for sets of other replicas, and for targets whose lease expired. */
  readonly look?: number;
}

/** Default of `look`. */
const LOOK = 10_000;

export function createNotifier(parts: NotifierParts): Notifier {
  const { db, transports, settings, log, now } = parts;
  const { summary, baseline, pollInterval, look = LOOK } = settings;
  const targets = transports.map(({ name }) => name);
  const deliverers = deliverersOf(parts);
  const bell = createBell();

  const pollNow = (signal: AbortSignal): Promise<Polled> =>
    poll({ ...parts, targets, summary, baseline, onSet: bell.ring }, signal);

  async function deliver(target: string, signal: AbortSignal): Promise<number | undefined> {
    const deliverer = deliverers.get(target);
    return deliverer === undefined ? undefined : await deliverDue(deliverer, signal);
  }

  async function tidyUp(signal: AbortSignal): Promise<number> {
    const before = new Date(now().getTime() - settings.retention);
    const gone = await collectGarbage(db, { before, targets, signal });
    if (gone > 0) log.info('old notifications are deleted', { notifications: gone });
    return gone;
  }

  const loops = { targets, bell, pollInterval, look, log, poll: pollNow, deliver, collectGarbage: tidyUp };
  return {
    poll: async (signal) => (await pollNow(signal)).sets,
    deliver,
    collectGarbage: tidyUp,
    run: (signal) => runNotifier(loops, signal),
    page: (notification, options) => loadPage(db, notification, options),
    remove: (notification) => deleteSet(db, notification, now()),
    deliveries: (filter) => loadDeliveries(db, filter),
    status: () => loadTargetStatus(db, targets, now()),
    async redeliver(delivery) {
      const found = await requeue(db, delivery, now());
      if (found) bell.ring();
      return found;
    },
    test: (target, signal) => testDelivery({ db, transports, now }, target, signal),
  };
}

/** Returns the parts of each target's deliverer, by name. */
function deliverersOf({ db, transports, settings, log, now }: NotifierParts): Map<string, DelivererParts> {
  const directTargets = transports.filter(({ direct }) => direct).map(({ name }) => name);
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`;
  const { deliveryAttempts: attempts, deliveryInterval: interval, lease } = settings;
  const common = { db, directTargets, log, now, owner, attempts, interval };
  return new Map(
    transports.map((transport) => [
      transport.name,
      { ...common, transport, arrived: new Set<string>(), ...(lease !== undefined && { lease }) },
    ]),
  );
}
