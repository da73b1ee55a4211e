/** What goes on beside saves and reports, in a process of its own until it is killed: `DSN MANIFESTS`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../src/db/database.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { inRows } from '../src/indexer/documents/documents.ts';
import { createIndexer } from '../src/indexer/indexer.ts';
import { fillLookups } from '../src/indexer/manifest-lookups.ts';
import { noLog } from '../src/lib/log.ts';
import { notifierOf } from './million-affected.ts';
import { makeOlder } from './million-refill.ts';
import { COMPACT, someManifest } from './million-store.ts';

/** As many as a registry with 400,000 tags that expire each day. */
const DELETES_PER_SECOND = 5;
/** An indexer does it once a minute, with twelve times as many. */
const SWEEP_MS = 5000;
/** Manifests that a refill begins with again and again. */
const OLDER = 2000;

const [dsn = '', count = '0'] = process.argv.slice(2);
const manifests = Number(count);
const db = await connect(dsn, { applicationName: 'bench-background' });
const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
const indexer = createIndexer({ db, ecosystems, scanner, compact: COMPACT, log: noLog });
const { signal } = new AbortController();

async function forever(work: () => Promise<unknown>): Promise<never> {
  for (;;) await work();
}

await using notifier = await notifierOf(indexer, signal);
await makeOlder({ db }, OLDER);
process.stdout.write('ready\n');
await Promise.all([
  forever(async () => {
    await indexer.delete([await someManifest(db, Math.floor(Math.random() * manifests))]);
    await sleep(1000 / DELETES_PER_SECOND);
  }),
  forever(async () => {
    await indexer.sweep(signal);
    await sleep(SWEEP_MS);
  }),
  forever(async () => {
    await fillLookups({ db, documents: inRows, ecosystems, compact: COMPACT, log: noLog }, signal);
    await makeOlder({ db }, OLDER);
  }),
  forever(() => notifier.notify()),
]);
