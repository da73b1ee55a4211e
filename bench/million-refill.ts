/** The refill after an upgrade: lookups of an older release are replaced. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ecosystems } from '../src/ecosystems/index.ts';
import { createIndexer } from '../src/indexer/indexer.ts';
import { lookupsRevision } from '../src/indexer/manifest-lookups.ts';
import { takeMissing } from '../src/indexer/store/missing-lookups.ts';
import { noLog } from '../src/lib/log.ts';
import { cpuOf } from './measure.ts';
import type { Measured } from './million.ts';
import { type BenchNotifier, notifierOf } from './million-affected.ts';
import { COMPACT } from './million-store.ts';
import { vacuumed } from './scale-postgres.ts';

/** Manifests of an older release: for one replica, and for all of them. */
const OLDER = { one: 1000, all: 10_000 };
const REPLICAS = 4;
const REPLICA = fileURLToPath(new URL('./million-replica.ts', import.meta.url));
const REVISION = '1-older';
/** Lookups of a manifest that the older release did not have: the last, since all manifests have the first. */
const UNKNOWN = 10;

/**
 * Gives the lookups of the oldest `count` manifests the revision of an older release. `isSame`: it looked up the same of them;
 * otherwise some of it not, as if it had not known an ecosystem. Returns how many there are.
 */
export async function makeOlder(
  { db }: Pick<Measured, 'db'>,
  count: number,
  isSame = false,
): Promise<number> {
  await db.query({ text: 'delete from lookups_looked' }); // as if this release had just started
  const [row] = await db.query<{ count: number }>({
    text: `
      with made as (
        update manifest_finding set revision = '${REVISION}'${isSame ? '' : `, findings = findings[:cardinality(findings) - ${UNKNOWN}]`}
        where manifest in (select manifest from manifest_finding order by manifest limit $1) returning 1)
      select count(*)::int as count from made`,
    values: [count],
  });
  return row!.count;
}

/** What one manifest takes whose lookups are the same as before or others, and the search for lookups that no manifest has, which follows. */
export async function measureRefill(measured: Measured): Promise<void> {
  await refillSome(measured, 'refill', false);
  await refillSome(measured, 'refill_same', true);
}

async function refillSome(measured: Measured, name: string, isSame: boolean): Promise<void> {
  const { server, db, signal, figure } = measured;
  const now = () => ({ wall: performance.now(), own: cpuOf('self').own, server: server.cpu() });
  // After an upgrade all manifests are old; here the refill looks at the others as well, and finds nothing.
  const before = now();
  await db.transaction((tx) =>
    takeMissing(tx, { revision: lookupsRevision(ecosystems, COMPACT), old: true, after: 0 }, 1),
  );
  const looked = now();
  figure(`${name}_search_wall`, (looked.wall - before.wall) / 1000, 's', false);
  await makeOlder(measured, OLDER.one, isSame);
  let filled = 0;
  let end = now();
  const scanner = { scan: () => Promise.reject(new Error('nothing is scanned here')) };
  const log = {
    ...noLog,
    // Told between the two.
    info(_message: string, fields?: Readonly<Record<string, unknown>>) {
      filled = Number(fields?.manifests);
      end = now();
    },
  };
  const indexer = createIndexer({ db, ecosystems, scanner, compact: COMPACT, log });
  const start = now();
  await indexer.fillLookups(signal);
  const swept = now();
  if (filled === 0) throw new Error('no lookups were replaced');
  const postgres = end.server - start.server - (looked.server - before.server);
  figure(`${name}_wall`, (end.wall - start.wall - (looked.wall - before.wall)) / filled, 'ms/manifest');
  figure(`${name}_cpu`, ((end.own - start.own) / filled) * 1000, 'ms/manifest');
  figure(`${name}_postgres_cpu`, (postgres / filled) * 1000, 'ms/manifest');
  figure(`${name}_orphans_wall`, (swept.wall - end.wall) / 1000, 's', false);
}

type Replica = ChildProcessByStdio<Writable, Readable, null>;

/** All replicas at once, each a process, while a kernel update is notified in this one: lookups that differ from those before, and the same ones. */
export async function measureReplicas(measured: Measured): Promise<void> {
  await using notifier = await notifierOf(measured.indexer, measured.signal);
  await refillByAll(measured, notifier, 'replicas', false);
  await refillByAll(measured, notifier, 'replicas_same', true);
}

async function refillByAll(
  measured: Measured,
  notifier: BenchNotifier,
  name: string,
  isSame: boolean,
): Promise<void> {
  const { server, db, figure } = measured;
  const older = await makeOlder(measured, OLDER.all, isSame);
  await vacuumed(db);
  const replicas = Array.from({ length: REPLICAS }, () =>
    spawn(process.execPath, [REPLICA, server.dsn('indexer')], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(replicas.map(({ stdout }) => once(stdout, 'data')));
  const start = performance.now();
  const notifying = notifier.notify();
  const counts = await Promise.all(replicas.map(fillOne));
  const wall = (performance.now() - start) / 1000;
  const filled = counts.reduce((sum, each) => sum + each, 0);
  if (filled !== older) throw new Error(`${filled} of ${older} manifests were refilled`);
  figure(`${name}_manifests`, filled, 'manifests', false);
  figure(`${name}_wall`, (wall / filled) * 1000, 'ms/manifest');
  figure(`${name}_hours_for_a_million`, (wall / filled) * (1_000_000 / 3600), 'h', false);
  figure(`${name}_notifications`, await notifying, 'notifications', false);
}

/** Returns how many manifests it has filled. */
async function fillOne({ stdin, stdout }: Replica): Promise<number> {
  const told = once(stdout, 'data');
  stdin.write('go\n');
  const [count] = (await told) as [Buffer];
  return Number(count.toString().trim());
}
