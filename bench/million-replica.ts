/** One replica that refills lookups, in a process of its own: `DSN`. It begins when it is told to, and says how many it has filled. */
import { once } from 'node:events';
import { connect } from '../src/db/database.ts';
import { ecosystems } from '../src/ecosystems/index.ts';
import { createIndexer } from '../src/indexer/indexer.ts';
import { noLog } from '../src/lib/log.ts';
import { COMPACT } from './million-store.ts';

const [dsn = ''] = process.argv.slice(2);
const db = await connect(dsn, { applicationName: 'bench-replica' });
const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
const log = {
  ...noLog,
  // Told before unused lookups are searched for.
  info(_message: string, fields?: Readonly<Record<string, unknown>>) {
    process.stdout.write(`${Number(fields?.manifests)}\n`, () => process.exit());
  },
};
const indexer = createIndexer({ db, ecosystems, scanner, compact: COMPACT, log });
process.stdout.write('ready\n');
await once(process.stdin, 'data');
await indexer.fillLookups(new AbortController().signal);
process.stdout.write('0\n', () => process.exit());
