/** From changed advisories to manifests and notifications, in a store of very many manifests. */
import { testDatabase } from '../src/db/database.fixture.ts';
import { connect } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { noLog } from '../src/lib/log.ts';
import { localManifests } from '../src/notifier/local-sources.ts';
import { createNotifier } from '../src/notifier/notifier.ts';
import type { Change, RunSource } from '../src/notifier/sources.ts';
import { NOTIFIER_SCHEMA } from '../src/schemas.ts';
import { cpuOf } from './measure.ts';
import type { Measured } from './million.ts';
import { vulnerabilityOf } from './million-store.ts';

/** Vulnerabilities of the kernel that are fixed at once. */
const KERNEL = 1000;

/** One vulnerability that affects all manifests, and a thousand that affect nine of ten. */
export async function measureAffected(measured: Measured): Promise<void> {
  await ask(measured, 'affected_one', [vulnerabilityOf(0, 'common')]);
  await ask(
    measured,
    'affected_kernel',
    Array.from({ length: KERNEL }, (_, n) => vulnerabilityOf(n, 'kernel')),
  );
}

async function ask(
  { server, indexer, signal, figure }: Measured,
  name: string,
  vulnerabilities: readonly object[],
): Promise<void> {
  const [cpu, own, start] = [server.cpu(), cpuOf('self').own, performance.now()];
  using memory = watchMemory();
  let manifests = 0;
  for await (const page of (await indexer.affectedManifests(vulnerabilities, { after: '', signal })).pages())
    manifests += page.manifests.length;
  figure(`${name}_manifests`, manifests, 'manifests', false);
  figure(`${name}_wall`, (performance.now() - start) / 1000, 's');
  figure(`${name}_cpu`, cpuOf('self').own - own, 's');
  figure(`${name}_postgres_cpu`, server.cpu() - cpu, 's');
  figure(`${name}_memory_growth`, memory.most(), 'MB');
}

/** The notifier's part of the same: in a summary, with the notifications stored. */
export async function measureNotifier({ server, indexer, signal, figure }: Measured): Promise<void> {
  const [cpu, own, start] = [server.cpu(), cpuOf('self').own, performance.now()];
  using memory = watchMemory();
  const notifications = await notifyOnce(indexer, signal);
  figure('notifier_notifications', notifications, 'notifications', false);
  figure('notifier_wall', (performance.now() - start) / 1000, 's');
  figure('notifier_cpu', cpuOf('self').own - own, 's');
  figure('notifier_indexer_postgres_cpu', server.cpu() - cpu, 's');
  figure('notifier_memory_growth', memory.most(), 'MB');
}

/** Notifies a new notifier of the kernel update; returns how many notifications it stored. */
export async function notifyOnce(indexer: Measured['indexer'], signal: AbortSignal): Promise<number> {
  await using database = await testDatabase();
  await using db = await connect(database.dsn, { applicationName: 'bench' });
  await migrate(db, NOTIFIER_SCHEMA);
  const runs = { made: 1 };
  const notifier = createNotifier({
    db,
    runs: kernelRuns(runs),
    manifests: localManifests(indexer),
    transports: [],
    settings: {
      ...{ pollInterval: 1, deliveryInterval: 1, deliveryAttempts: 1, retention: 1 },
      ...{ summary: true, baseline: 'skip' },
    },
    log: noLog,
    now: () => new Date(),
  });
  await notifier.poll(signal);
  runs.made = 2;
  await notifier.poll(signal);
  const [row] = await db.query<{ items: number }>({
    text: 'select sum(items)::int8 as items from notification',
  });
  return row!.items;
}

/** An updater whose second run is a thousand vulnerabilities of the kernel, and one that affects all manifests. */
function kernelRuns(state: { readonly made: number }): RunSource {
  const all = [1, 2].map((n) => ({
    ref: `00000000-0000-4000-8000-00000000000${n}`,
    date: new Date(Date.UTC(2026, 0, n)).toISOString(),
  }));
  return {
    async runs(latest) {
      const made = all.slice(0, state.made).reverse();
      return { bench: latest ? made.slice(0, 1) : made };
    },
    async *changes() {
      for (let n = 0; n <= KERNEL; n++) {
        const vulnerability: Change['vulnerability'] = vulnerabilityOf(n, n < KERNEL ? 'kernel' : 'common');
        yield { reason: 'added', vulnerability };
      }
    },
  };
}

/** How much more memory than now is resident, at the most. */
function watchMemory(): { most(): number } & Disposable {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  return { most: () => (most - before) / 1e6, [Symbol.dispose]: () => clearInterval(timer) };
}
