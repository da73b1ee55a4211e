/** For tests: runs, manifests and targets made of plain data, and a database of their own. */

import { testDatabase } from '../db/database.fixture.ts';
import { connect, type Database } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { noLog } from '../lib/log.ts';
import type { Delivery, Transport } from '../transports/contract.ts';
import type { Notification } from '../transports/notification.ts';
import { createNotifier, type NotifierParts, type NotifierSettings } from './notifier.ts';
import type { Change, ManifestSource, Run, RunSource } from './sources.ts';

/** A migrated database that is gone when disposed. */
export async function notifierDatabase(): Promise<Database & { readonly dsn: string }> {
  await using resources = new AsyncDisposableStack();
  const { dsn } = resources.use(await testDatabase());
  const db = resources.use(await connect(dsn, { applicationName: 'notifier-test' }));
  await migrate(db, { ledger: 'notifier_schema', directory: new URL('./migrations/', import.meta.url) });
  const owned = resources.move();
  return { ...db, dsn, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Forgets everything. */
export async function clear(db: Database): Promise<void> {
  await db.query({
    text: 'truncate notifier_first_poll, notifier_updater, notification, notification_target cascade',
  });
}

/** The `n`th run of an updater, a minute after the one before. */
export function run(updater: number, n: number): Run {
  const ref = `00000000-0000-4000-8000-${String(updater).padStart(4, '0')}${String(n).padStart(8, '0')}`;
  return { ref, date: new Date(Date.UTC(2026, 0, 1, updater, n)).toISOString() };
}

/** A vulnerability as Clair writes it. */
export function vulnerability(name: string, severity = 'High', more: object = {}): Change['vulnerability'] {
  return {
    id: '1',
    updater: 'toy',
    name,
    description: `about ${name}`,
    issued: '2026-01-01T00:00:00Z',
    links: `https://example.com/${name}`,
    severity: severity.toLowerCase(),
    normalized_severity: severity,
    package: { id: '', name: 'pkg', version: '', kind: 'binary' },
    distribution: { id: '', did: 'toy' },
    repository: { cpe: '' },
    fixed_in_version: '2',
    ...more,
  };
}

/** A matcher whose runs are set by the test: of each updater, what holds after each run, oldest first. */
export interface World {
  readonly states: Record<string, { run: Run; names: Readonly<Record<string, string>> }[]>;
  /** name of a vulnerability -> manifests. */
  readonly affected: Record<string, readonly string[]>;
}

export function worldRuns(world: World): RunSource {
  return {
    async runs(latest) {
      return Object.fromEntries(
        Object.entries(world.states).map(([name, states]) => {
          const runs = states.map(({ run }) => run).reverse();
          return [name, latest ? runs.slice(0, 1) : runs];
        }),
      );
    },
    async *changes(cur, prev) {
      const all = Object.values(world.states).flat();
      const after = all.find(({ run }) => run.ref === cur)!.names;
      const before = prev === undefined ? {} : all.find(({ run }) => run.ref === prev)!.names;
      for (const [reason, more, less] of [
        ['added', after, before],
        ['removed', before, after],
      ] as const) {
        for (const [name, severity] of Object.entries(more)) {
          if (less[name] !== severity) yield { reason, vulnerability: vulnerability(name, severity) };
        }
      }
    },
  };
}

export function worldManifests({ affected }: World): ManifestSource {
  return {
    async *affected(changes) {
      const found = new Map<string, number[]>();
      for (const [at, { vulnerability }] of changes.entries()) {
        for (const manifest of affected[String(vulnerability.name)] ?? [])
          found.set(manifest, [...(found.get(manifest) ?? []), at]);
      }
      yield { manifests: [...found], next: '' };
    },
  };
}

/** A target that takes down what it gets; `behave` is asked before. */
export interface RecordingTransport extends Transport {
  readonly got: { readonly delivery: Delivery; readonly notifications: readonly Notification[] }[];
}

export function recorder(
  behave: (delivery: Delivery, signal: AbortSignal) => Promise<void> | void = () => {},
  { name = 'webhook', direct = false }: { name?: string; direct?: boolean } = {},
): RecordingTransport {
  const got: RecordingTransport['got'] = [];
  return {
    name,
    direct,
    callback: direct ? '' : 'http://clair/notifier/api/v1/notification/',
    got,
    async deliver(delivery, signal) {
      await behave(delivery, signal);
      const notifications: Notification[] = [];
      for await (const each of delivery.notifications ?? []) notifications.push(each);
      got.push({ delivery, notifications });
    },
    async [Symbol.asyncDispose]() {},
  };
}

export const SETTINGS: NotifierSettings = {
  pollInterval: 60_000,
  deliveryInterval: 3600_000,
  deliveryAttempts: 100,
  retention: 14 * 24 * 3600_000,
  summary: true,
  baseline: 'skip',
};

/** A notifier of `world`. */
export function notifierOf(
  db: Database,
  world: World,
  {
    settings,
    ...parts
  }: Partial<Omit<NotifierParts, 'settings'>> & { settings?: Partial<NotifierSettings> } = {},
) {
  return createNotifier({
    db,
    runs: worldRuns(world),
    manifests: worldManifests(world),
    transports: [],
    log: noLog,
    now: () => new Date(),
    ...parts,
    settings: { ...SETTINGS, ...settings },
  });
}
