/** The notifier: looks for news, makes notifications of it, and brings them to whom they are for. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Database } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { redact } from '../lib/redact.ts';
import type { Transport } from '../transports/contract.ts';
import { createBell } from './bell.ts';
import { callbackOf, type DelivererParts, deliverDue } from './deliverer.ts';
import { repeat } from './loops.ts';
import { weigh } from './narrow.ts';
import type { Baseline } from './plan-runs.ts';
import { type Polled, poll } from './poll.ts';
import { readSet } from './read-set.ts';
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
import { setWriter } from './store/save-set.ts';
import { TEST_VULNERABILITY, testManifest } from './test-mode.ts';

export interface Notifier {
  /** Looks for news now; gives the number of sets that were stored. */
  poll(signal: AbortSignal): Promise<number>;
  /** Delivers what is due at one target; see `deliverDue`. */
  deliver(target: string, signal: AbortSignal): Promise<number | undefined>;
  /** Polls, delivers and tidies up until `signal` is aborted; never throws. */
  run(signal: AbortSignal): Promise<void>;
  /** Notifications of a set; undefined: there is no such set. */
  page(notification: string, options: { next: string | undefined; size: number }): Promise<Page | undefined>;
  /** A receiver has dealt with a set. False: there is no such set. */
  remove(notification: string): Promise<boolean>;
  deliveries(filter: DeliveryFilter): Promise<DeliveryWire[]>;
  status(): Promise<TargetStatus[]>;
  /** Delivers one that ended once more. False: there is none, or it waits already. */
  redeliver(delivery: string): Promise<boolean>;
  /** Sends a notification of nothing to one target, or to all, now and once. Throws `bad-request` for an unknown one. */
  test(target: string | undefined, signal: AbortSignal): Promise<TestResult[]>;
  collectGarbage(signal: AbortSignal): Promise<number>;
}

/** What came of a test delivery. The keys are the wire's. */
export interface TestResult {
  readonly transport: string;
  readonly delivered: boolean;
  readonly notification_id: string;
  readonly error?: string;
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

/** Times are in ms. */
export interface NotifierSettings {
  readonly pollInterval: number;
  /** Longest time between two attempts. */
  readonly deliveryInterval: number;
  readonly deliveryAttempts: number;
  /** How long what is delivered, or dead, can be read. */
  readonly retention: number;
  readonly summary: boolean;
  readonly baseline: Baseline;
  /** After so long the target of a replica that is silent goes to another one. */
  readonly lease?: number;
  /** How often another replica's news, and targets that it left, are looked for. */
  readonly look?: number;
}

/** Default of `look`. */
const LOOK = 10_000;
/** After a failure of the database, or of another service. */
const TROUBLE = 30_000;
/** Another replica is at a feed, or its runs could not be processed: by then that is over. */
const AGAIN = 5 * 60_000;
const GARBAGE = 3600_000;
const TEST_TIMEOUT = 60_000;

export function createNotifier(parts: NotifierParts): Notifier {
  const { db, transports, settings, log, now } = parts;
  const { look = LOOK } = settings;
  const targets = transports.map(({ name }) => name);
  const directTargets = transports.filter(({ direct }) => direct).map(({ name }) => name);
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`;
  const bell = createBell();
  const deliverers = new Map<string, DelivererParts>(
    transports.map((transport) => [
      transport.name,
      {
        db,
        transport,
        directTargets,
        log,
        now,
        owner,
        arrived: new Set<string>(),
        attempts: settings.deliveryAttempts,
        interval: settings.deliveryInterval,
        ...(settings.lease !== undefined && { lease: settings.lease }),
      },
    ]),
  );

  async function pollNow(signal: AbortSignal): Promise<Polled> {
    const { summary, baseline } = settings;
    return await poll({ ...parts, targets, summary, baseline, onSet: bell.ring }, signal);
  }

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

  async function testOne(transport: Transport, signal: AbortSignal): Promise<TestResult> {
    const id = randomUUID();
    const made = { id, updater: TEST_VULNERABILITY.updater, ref: id, created: now() };
    await db.transaction(async (tx) => {
      const writer = setWriter(tx, made);
      const vulnerability = weigh(TEST_VULNERABILITY);
      await writer.write([{ manifest: testManifest(), reason: 'added', vulnerability }]);
      await writer.finish([]);
    });
    const base = { transport: transport.name, notification_id: id };
    try {
      const delivery = {
        notificationId: id,
        callback: callbackOf(transport.callback, id),
        ...(transport.direct && { notifications: readSet(db, id) }),
      };
      await transport.deliver(delivery, AbortSignal.any([signal, AbortSignal.timeout(TEST_TIMEOUT)]));
      return { ...base, delivered: true };
    } catch (error) {
      return { ...base, delivered: false, error: redact(messageOf(error)) };
    }
  }

  return {
    poll: async (signal) => (await pollNow(signal)).sets,
    deliver,
    collectGarbage: tidyUp,
    async run(signal) {
      const failed = (what: string) => (error: unknown) => {
        log.error(what, { reason: messageOf(error) });
        return TROUBLE;
      };
      await Promise.all([
        repeat(signal, undefined, failed('no news could be had: this is tried again'), async () => {
          const { complete } = await pollNow(signal);
          return complete ? settings.pollInterval : Math.min(settings.pollInterval, AGAIN);
        }),
        ...targets.map((target) =>
          repeat(signal, bell, failed(`nothing could be delivered by ${target}`), async () => {
            const wait = await deliver(target, signal);
            return Math.min(wait ?? look, look);
          }),
        ),
        repeat(signal, undefined, failed('old notifications could not be deleted'), async () => {
          await tidyUp(signal);
          return GARBAGE;
        }),
      ]);
    },
    page: (notification, options) => loadPage(db, notification, options),
    remove: (notification) => deleteSet(db, notification, now()),
    deliveries: (filter) => loadDeliveries(db, filter),
    status: () => loadTargetStatus(db, targets, now()),
    async redeliver(delivery) {
      const found = await requeue(db, delivery, now());
      if (found) bell.ring();
      return found;
    },
    async test(target, signal) {
      const chosen = transports.filter(({ name }) => target === undefined || name === target);
      if (chosen.length === 0) {
        throw new AppError(
          'bad-request',
          `no transport ${JSON.stringify(target)} is configured: there are ${targets.join(', ')}`,
        );
      }
      return await Promise.all(chosen.map((transport) => testOne(transport, signal)));
    },
  };
}
