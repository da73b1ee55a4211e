/**
 * What goes on beside saves and reports, in a process of its own: `DSN MANIFESTS OLDER`. For each line it reads, it does the
 * work of one round to its end, at the pace that a service has, and writes what was done: manifests that are deleted
 * one after the other, sweeps, the refill of the manifests that have lookups of an older release, and the notifications of one update of the kernel.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../src/db/database.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { inRows } from '../src/indexer/documents/documents.ts';
import { createIndexer } from '../src/indexer/indexer.ts';
import { fillLookups } from '../src/indexer/manifest-lookups.ts';
import { noLog } from '../src/lib/log.ts';
import { notifierOf } from './million-affected.ts';
import { COMPACT, someManifest } from './million-store.ts';

/** What a round did. */
export interface Round {
  readonly deleted: number;
  readonly swept: number;
  readonly filled: number;
  readonly notifications: number;
}

/** As many as a registry with 400,000 tags that expire each day. */
const DELETES_PER_SECOND = 5;
/** An indexer does it once a minute, with twelve times as many. */
const SWEEP_MS = 5000;

const [dsn = '', count = '0'] = process.argv.slice(2);
const manifests = Number(count);
const db = await connect(dsn, { applicationName: 'bench-background' });
const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
const indexer = createIndexer({ db, ecosystems, scanner, compact: COMPACT, log: noLog });
const { signal } = new AbortController();

/** Does `work` every `pause` ms until `ended`, and once at the least. Returns the sum of what it returned. */
async function repeat(pause: number, ended: AbortSignal, work: () => Promise<number>): Promise<number> {
  let sum = 0;
  do {
    sum += await work();
    await sleep(pause, undefined, { signal: ended }).catch(() => {});
  } while (!ended.aborted);
  return sum;
}

await using notifier = await notifierOf(indexer, signal);

async function round(): Promise<Round> {
  const others = new AbortController();
  let filled = 0;
  const log = {
    ...noLog,
    info: (_: string, fields?: object) => void (filled = Number(Object(fields).manifests)),
  };
  const [deleted, swept, notifications] = await Promise.all([
    repeat(1000 / DELETES_PER_SECOND, others.signal, async () => {
      const hash = await someManifest(db, Math.floor(Math.random() * manifests));
      return (await indexer.delete([hash])).length;
    }),
    repeat(SWEEP_MS, others.signal, async () => (await indexer.sweep(signal))?.manifests ?? 0),
    Promise.all([
      notifier.notify(),
      fillLookups({ db, documents: inRows, ecosystems, compact: COMPACT, log }, signal),
    ]).then(([notified]) => {
      others.abort();
      return notified;
    }),
  ]);
  return { deleted, swept, filled, notifications };
}

process.stdout.write('ready\n');
for await (const _ of createInterface(process.stdin))
  process.stdout.write(`${JSON.stringify(await round())}\n`);
process.exit();
