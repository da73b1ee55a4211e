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
  await using notifier = await notifierOf(indexer, signal);
  const [cpu, own, start] = [server.cpu(), cpuOf('self').own, performance.now()];
  using memory = watchMemory();
  const notifications = await notifier.notify();
  figure('notifier_notifications', notifications, 'notifications', false);
  figure('notifier_wall', (performance.now() - start) / 1000, 's');
  figure('notifier_cpu', cpuOf('self').own - own, 's');
  figure('notifier_indexer_postgres_cpu', server.cpu() - cpu, 's');
  figure('notifier_memory_growth', memory.most(), 'MB');
}

/** A notifier with a database of its own, which knows what the feeds have. */
export interface BenchNotifier extends AsyncDisposable {
  /** Notifies of one more kernel update. Returns how many notifications it stored. */
  notify(): Promise<number>;
}

export async function notifierOf(indexer: Measured['indexer'], signal: AbortSignal): Promise<BenchNotifier> {
  await using resources = new AsyncDisposableStack();
  const { dsn } = resources.use(await testDatabase());
  const db = resources.use(await connect(dsn, { applicationName: 'bench' }));
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
  const kept = resources.move();
  return {
    async notify() {
      runs.made++;
      await notifier.poll(signal);
      const [row] = await db.query<{ items: number }>({
        text: 'select items::int8 as items from notification order by created desc limit 1',
      });
      return row!.items;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** An updater whose every run after the first is a thousand vulnerabilities of the kernel, and one that affects all manifests. */
function kernelRuns(state: { readonly made: number }): RunSource {
  return {
    async runs(latest) {
      const all = Array.from({ length: state.made }, (_, n) => ({
        ref: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
        date: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(),
      })).reverse();
      return { bench: latest ? all.slice(0, 1) : all };
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
