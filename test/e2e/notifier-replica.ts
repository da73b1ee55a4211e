/** A process for tests: a replica that delivers what a database has for a webhook. `DSN TARGET NAME LEASE`, until it is killed. */

import { connect } from '../../src/db/database.ts';
import { Secret } from '../../src/lib/secret.ts';
import { notifierOf } from '../../src/notifier/notifier.fixture.ts';
import { createTransports } from '../../src/transports/open-transports.ts';

const [dsn = '', target = '', name = '', lease = ''] = process.argv.slice(2);
const db = await connect(dsn, { applicationName: name, max: 2 });
const transports = await createTransports({
  webhook: {
    target: new Secret(target),
    callback: 'http://clair.example/',
    headers: { 'X-Replica': [new Secret(name)] },
  },
});
const settings = { lease: Number(lease), look: Number(lease) / 4 };
await notifierOf(db, { states: {}, affected: {} }, { transports, settings }).run(
  new AbortController().signal,
);
