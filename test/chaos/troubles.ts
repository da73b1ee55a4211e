/** What disturbs a deployment: each of them begins, lasts, and is over when it returns. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/db/database.ts';
import type { StallingProxy } from '../../src/db/stalling-proxy.fixture.ts';
import type { Deployment, Replica } from '../e2e/deployment.ts';
import type { Postgres } from '../e2e/postgres.ts';
import type { SmallDisk } from './small-disk.ts';
import type { Upstream } from './upstream.ts';

export interface Surroundings {
  readonly clair: Deployment;
  readonly postgres: Postgres;
  readonly proxy: StallingProxy;
  readonly upstream: Upstream;
  /** Where the database lies; undefined: none could be mounted. */
  readonly disk: SmallDisk | undefined;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Asks the matchers for an update. */
  readonly update: () => Promise<void>;
}

export type Trouble = (around: Surroundings) => Promise<void>;

const MODES = ['indexer', 'matcher', 'notifier'] as const;

function pick<T>({ random }: Surroundings, items: readonly T[]): T {
  return items[Math.floor(random() * items.length)]!;
}

async function killAndRevive(around: Surroundings, victims: readonly Replica[]): Promise<void> {
  await Promise.all(victims.map((victim) => victim.kill()));
  await sleep(around.random() * 2000);
  await Promise.all(victims.map((victim) => victim.restart()));
}

/** Processes of the services' connections. */
async function backends({ postgres, random }: Surroundings): Promise<number[]> {
  await using db = await connect(postgres.dsn('postgres'), { applicationName: 'chaos', max: 1 });
  const rows = await db.query<{ pid: number }>({
    text: `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  });
  return rows.map(({ pid }) => pid).filter(() => random() < 0.5);
}

export const TROUBLES: Readonly<Record<string, Trouble>> = {
  'a replica is killed': (around) => killAndRevive(around, [pick(around, around.clair.replicas)]),
  'all replicas of a service are killed': (around) => {
    const mode = pick(around, MODES);
    return killAndRevive(
      around,
      around.clair.replicas.filter((replica) => replica.mode === mode),
    );
  },
  async 'connections are ended by the server'(around) {
    const pids = await backends(around);
    await using db = await connect(around.postgres.dsn('postgres'), { applicationName: 'chaos', max: 1 });
    await db.query({ text: 'select pg_terminate_backend(unnest($1::int[]))', values: [pids] });
  },
  async 'a process of the server is killed'(around) {
    const [pid] = await backends(around);
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  },
  async 'the database is restarted'({ postgres, random }) {
    await postgres.stop();
    await sleep(random() * 3000);
    await postgres.start();
  },
  async 'the database is killed'({ postgres, random }) {
    await postgres.kill();
    await sleep(random() * 3000);
    await postgres.start();
  },
  async 'the network to the database stands still'({ proxy, random }) {
    proxy.stall();
    await sleep(random() * 20_000);
    proxy.resume();
  },
  async 'the network to the database breaks'({ proxy }) {
    proxy.cutAll();
  },
  async 'the disk of the database is full'({ disk, postgres, random }) {
    disk?.fill();
    await sleep(1000 + random() * 4000);
    disk?.empty();
    await postgres.start(); // it may have given up
  },
  async 'there are news'({ upstream, update }) {
    upstream.version++;
    await update();
  },
  async 'a feed trickles'({ upstream, update, random }) {
    upstream.trickles = true;
    upstream.version++;
    await update();
    await sleep(random() * 10_000);
    upstream.trickles = false;
  },
};
