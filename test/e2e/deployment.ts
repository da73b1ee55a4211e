/** Clair as it is deployed apart: replicas of indexer, matcher and notifier behind a load balancer that routes by path. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../conformance/service.ts';
import { type Running, start } from './run-program.ts';
import { type World, worldConfig } from './world.ts';

export type Mode = 'indexer' | 'matcher' | 'notifier';

/** One process. */
export interface Replica {
  readonly name: string;
  readonly mode: Mode;
  readonly address: string;
  readonly introspection: string;
  /** All that it has logged since it was made, through all its lives. */
  log(): string;
  /** Seconds of processor time of the process that runs. */
  cpu(): number;
  isReady(): Promise<boolean>;
  /** Exit codes of those of its lives that ended by themselves. */
  readonly ends: readonly (number | null)[];
  kill(): Promise<void>;
  /** Starts it again, as often as it ends, and waits until it is ready. */
  restart(): Promise<void>;
}

export interface Deployment extends AsyncDisposable {
  /** The load balancer's. */
  readonly address: string;
  readonly replicas: readonly Replica[];
}

export interface DeploymentOptions {
  readonly world: World;
  readonly dsn: (database: Mode) => string;
  /** `auth` of the configuration. */
  readonly auth: object;
  /** How many of each. */
  readonly replicas: number;
  /** URL of a webhook; undefined: there are no notifiers. */
  readonly webhook?: string;
  /** Of the notifiers, in place of hours. */
  readonly interval?: string;
  /** ms that a process lives at most. */
  readonly limit?: number;
  /** Password of Harbor; undefined: its API is not served. */
  readonly harbor?: string;
  /** Other sections of the configuration. */
  readonly more?: (mode: Mode) => object;
}

const READY_MS = 60_000;
const CLOCK_TICKS = 100; // of all Linux systems that Node runs on

export const canBalance = process.platform === 'linux' && spawnSync('haproxy', ['-v']).status === 0;

/** Notifiers are not started: they look for news when they start. */
export async function deploy({
  world,
  dsn,
  auth,
  replicas: count,
  webhook,
  harbor,
  more = () => ({}),
  interval,
  limit,
}: DeploymentOptions): Promise<Deployment> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-deployment-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const address = `http://127.0.0.1:${await freePort()}`;
  const replicas: Replica[] = [];
  for (const mode of [
    'indexer',
    'matcher',
    ...(webhook === undefined ? [] : ['notifier' as const]),
  ] as const) {
    for (let n = 1; n <= count; n++) {
      const configOf = (ports: object): string =>
        worldConfig(world, {
          ...ports,
          ...more(mode),
          auth,
          ...(harbor !== undefined && {
            harbor: { enabled: true, password: harbor, matcher_addr: address },
          }),
          indexer: { connstring: dsn('indexer'), migrations: true },
          matcher: {
            connstring: dsn('matcher'),
            migrations: true,
            indexer_addr: address,
            disable_enrichment: true,
          },
          ...(webhook !== undefined && {
            notifier: {
              connstring: dsn('notifier'),
              migrations: true,
              indexer_addr: address,
              matcher_addr: address,
              ...(interval !== undefined && { poll_interval: interval, delivery_interval: interval }),
              webhook: { target: webhook, callback: `${address}/notifier/api/v1/notification/` },
            },
          }),
        });
      const replica = await replicaOf(`${mode}-${n}`, mode, folder, configOf, limit);
      replicas.push(resources.use(replica));
    }
  }
  const first = replicas.filter(({ mode }) => mode !== 'notifier');
  await Promise.all(first.map((replica) => replica.restart()));
  resources.use(await balance(folder, address, replicas));
  const owned = resources.move();
  return { address, replicas, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function replicaOf(
  name: string,
  mode: Mode,
  folder: string,
  configOf: (ports: object) => string,
  limit: number | undefined,
): Promise<Replica & AsyncDisposable> {
  const [port, port2] = [await freePort(), await freePort()];
  const introspection = `http://127.0.0.1:${port2}`;
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    configOf({ http_listen_addr: `127.0.0.1:${port}`, introspection_addr: `127.0.0.1:${port2}` }),
  );
  let running: Running | undefined;
  let past = '';
  let isOver = true;
  const ends: (number | null)[] = [];
  /** One life. */
  function live(): void {
    past = replica.log();
    const life = start('clair', ['-conf', file, '-mode', mode], {}, undefined, limit);
    running = life;
    isOver = false;
    void life.ended.then(({ code }) => {
      if (running !== life || isOver) return;
      isOver = true;
      ends.push(code);
    });
  }
  const replica = {
    name,
    mode,
    address: `http://127.0.0.1:${port}`,
    introspection,
    ends,
    log: () => past + (running?.stderr() ?? ''),
    cpu() {
      const stat = readFileSync(`/proc/${running?.child.pid}/stat`, 'utf8');
      const [user, system] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
        .map(Number);
      return (user! + system!) / CLOCK_TICKS;
    },
    isReady: () =>
      fetch(`${introspection}/readyz`, { signal: AbortSignal.timeout(5000) }).then(
        ({ status }) => status === 200,
        () => false,
      ),
    async kill() {
      isOver = true;
      running?.child.kill('SIGKILL');
      await running?.ended;
    },
    async restart() {
      const isUp = async (): Promise<boolean> => {
        if (isOver) live();
        return await replica.isReady();
      };
      await until(`${name} is ready`, isUp, () => replica.log());
    },
    async [Symbol.asyncDispose]() {
      isOver = true;
      await running?.[Symbol.asyncDispose]();
    },
  };
  return replica;
}

/** haproxy(1): routes by path as Clair's compose file does, asks for readiness, and asks another replica where a GET broke off. */
async function balance(
  folder: string,
  address: string,
  replicas: readonly Replica[],
): Promise<AsyncDisposable> {
  const backend = (mode: Mode): string[] => [
    `backend ${mode}`,
    '  option httpchk GET /readyz',
    '  option redispatch 1',
    '  retries 3',
    '  retry-on conn-failure empty-response',
    '  http-request disable-l7-retry if METH_POST',
    ...replicas
      .filter((replica) => replica.mode === mode)
      .map(({ name, address: own, introspection }) => {
        const check = new URL(introspection).port;
        return `  server ${name} ${new URL(own).host} check port ${check} inter 200ms fall 1 rise 1`;
      }),
  ];
  const config = [
    'defaults',
    '  mode http',
    '  timeout connect 2s',
    '  timeout client 60s',
    '  timeout server 60s',
    'frontend api',
    `  bind ${new URL(address).host}`,
    '  use_backend indexer if { path_beg /indexer/ }',
    '  use_backend matcher if { path_beg /matcher/ }',
    '  use_backend notifier if { path_beg /notifier/ }',
    ...(['indexer', 'matcher', 'notifier'] as const).flatMap(backend),
    '',
  ].join('\n');
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, config);
  const child: ChildProcess = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  const ended = once(child, 'exit');
  await until(
    'the load balancer answers',
    () =>
      fetch(`${address}/indexer/api/v1/index_state`).then(
        ({ status }) => status < 500,
        () => false,
      ),
    () => said,
  );
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Waits until `condition` holds; throws with `said` if it never does. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  said: () => string = () => '',
): Promise<void> {
  for (const deadline = Date.now() + READY_MS; !(await condition()); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}:\n${said().slice(-4000)}`);
  }
}
