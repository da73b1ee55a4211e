/** A notification of nothing, sent at once and once: for who wants to know whether a target is reached. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';
import { redact } from '../lib/redact.ts';
import type { Transport } from '../transports/contract.ts';
import { BEGINNING } from './collect.ts';
import { callbackOf } from './deliverer.ts';
import { weigh } from './narrow.ts';
import { readSet } from './read-set.ts';
import { beginSet, endSet, StoredVulnerabilities, saveItems } from './store/save-set.ts';
import { TEST_VULNERABILITY, testManifest } from './test-mode.ts';

/** What came of a test delivery. The keys are the wire's. */
export interface TestResult {
  readonly transport: string;
  readonly delivered: boolean;
  readonly notification_id: string;
  readonly error?: string;
}

export interface TestParts {
  readonly db: Database;
  readonly transports: readonly Transport[];
  readonly now: () => Date;
}

/** ms for one delivery. */
const TIMEOUT = 60_000;

/** Tries the target of that name, or all of them. Throws `bad-request` for an unknown name. */
export async function testDelivery(
  { db, transports, now }: TestParts,
  target: string | undefined,
  signal: AbortSignal,
): Promise<TestResult[]> {
  const chosen = transports.filter(({ name }) => target === undefined || name === target);
  if (chosen.length === 0) {
    const names = transports.map(({ name }) => name).join(', ');
    throw new AppError(
      'bad-request',
      `no transport ${JSON.stringify(target)} is configured: there are ${names}`,
    );
  }
  return await Promise.all(
    chosen.map(async (transport) => {
      const id = await saveTestSet(db, now());
      return await testOne(db, transport, id, signal);
    }),
  );
}

/** Stores a set that nothing delivers by itself; returns its id. */
async function saveTestSet(db: Database, created: Date): Promise<string> {
  const id = randomUUID();
  const item = {
    manifest: testManifest(),
    reason: 'added',
    vulnerability: weigh(TEST_VULNERABILITY),
  } as const;
  const set = { id, updater: TEST_VULNERABILITY.updater, ref: id, created, summary: false };
  const known = new StoredVulnerabilities();
  await db.transaction(async (tx) => {
    await beginSet(tx, set);
    await saveItems(tx, set, [item], { place: BEGINNING, known, fresh: known.missing([item]) });
    await endSet(tx, set, []);
  });
  return id;
}

async function testOne(
  db: Database,
  transport: Transport,
  id: string,
  signal: AbortSignal,
): Promise<TestResult> {
  const base = { transport: transport.name, notification_id: id };
  const delivery = {
    notificationId: id,
    callback: callbackOf(transport.callback, id),
    ...(transport.direct && { notifications: readSet(db, id) }),
  };
  try {
    await transport.deliver(delivery, AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]));
    return { ...base, delivered: true };
  } catch (error) {
    return { ...base, delivered: false, error: redact(messageOf(error)) };
  }
}
