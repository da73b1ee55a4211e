/** A private RabbitMQ for tests: AMQP and STOMP, plain and by TLS, all of it in a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../conformance/service.ts';

export interface Broker extends AsyncDisposable {
  /** host:port of each listener. The TLS ones want a client's certificate. */
  readonly amqp: string;
  readonly amqps: string;
  readonly stomp: string;
  readonly stomps: string;
  /** The only user, of virtual host `/`. */
  readonly user: { readonly login: string; readonly passcode: string };
  /** PEM files of an authority, and of a client that it knows. */
  readonly tls: { readonly root_ca: string; readonly cert: string; readonly key: string };
  /** As `kill -9`. */
  kill(): Promise<void>;
  /** Starts it again, with what it had stored. */
  restart(): Promise<void>;
}

const START_LIMIT = 120_000;
const USER = { login: 'clair', passcode: 'p@ss/w%rd:1' };

/** The script of RabbitMQ itself: that of the package wants to become another user. undefined: it is not installed. */
export function rabbitmqServer(): string | undefined {
  const base = '/usr/lib/rabbitmq/lib';
  const folder = existsSync(base)
    ? readdirSync(base).find((name) => name.startsWith('rabbitmq_server-'))
    : '';
  const script = join(base, folder ?? '', 'sbin', 'rabbitmq-server');
  return folder && existsSync(script) && hasErlang() ? script : undefined;
}

function hasErlang(): boolean {
  return ['/usr/bin/erl', '/usr/local/bin/erl'].some(existsSync) && findEpmd() !== undefined;
}

function findEpmd(): string | undefined {
  return ['/usr/bin/epmd', '/usr/lib/erlang/bin/epmd'].find(existsSync);
}

/** Starts one; it takes some seconds. */
export async function startBroker(): Promise<Broker> {
  const script = rabbitmqServer();
  if (script === undefined) throw new Error('rabbitmq-server is not installed');
  const folder = mkdtempSync(join(tmpdir(), 'clair-rabbitmq-'));
  const tls = makeCertificates(join(folder, 'tls'));
  const [amqp, amqps, stomp, stomps, distribution, names] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const config = [
    `listeners.tcp.1 = 127.0.0.1:${amqp}`,
    `listeners.ssl.1 = 127.0.0.1:${amqps}`,
    `stomp.listeners.tcp.1 = 127.0.0.1:${stomp}`,
    `stomp.listeners.ssl.1 = 127.0.0.1:${stomps}`,
    `ssl_options.cacertfile = ${tls.root_ca}`,
    `ssl_options.certfile = ${tls.cert}`,
    `ssl_options.keyfile = ${tls.key}`,
    'ssl_options.verify = verify_peer',
    'ssl_options.fail_if_no_peer_cert = true',
    `default_user = ${USER.login}`,
    `default_pass = ${USER.passcode}`,
    // A message over it is refused.
    'max_message_size = 1048576',
    'disk_free_limit.absolute = 50MB',
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
  ];
  writeFileSync(join(folder, 'rabbitmq.conf'), `${config.join('\n')}\n`);
  writeFileSync(join(folder, 'enabled_plugins'), '[rabbitmq_stomp].\n');
  const env = {
    PATH: `${process.env.PATH}:/usr/sbin`,
    LANG: 'C.UTF-8',
    HOME: folder, // the cookie of Erlang
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `clair-test-${names}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_FEATURE_FLAGS_FILE: join(folder, 'feature_flags'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
    RABBITMQ_IO_THREAD_POOL_SIZE: '32',
  };
  // Its own register of names, and not left behind as a daemon.
  const epmd = spawn(findEpmd()!, ['-port', String(names), '-address', '127.0.0.1'], {
    env,
    stdio: 'ignore',
  });
  let server: ChildProcess | undefined;
  let output = '';

  async function kill(): Promise<void> {
    if (server === undefined || server.pid === undefined) return;
    const child = server;
    server = undefined;
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    try {
      process.kill(-child.pid!, 'SIGKILL'); // with the shell around it, and its port programs
    } catch {
      // It ended by itself.
    }
    await gone;
  }

  async function run(): Promise<void> {
    const child = spawn(script!, [], { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    server = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
    }
    const deadline = Date.now() + START_LIMIT;
    for (const port of [amqp, amqps, stomp, stomps]) {
      while (!(await answers(port!))) {
        if (child.exitCode !== null || Date.now() > deadline) {
          await kill();
          throw new Error(`RabbitMQ did not start:\n${output}`);
        }
        await sleep(100);
      }
    }
  }

  // A test that fails badly must not leave it behind.
  const onExit = (): void => {
    epmd.kill('SIGKILL');
    try {
      if (server?.pid !== undefined) process.kill(-server.pid, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It ended by itself, or is writing still: what is left is in the folder for temporary files.
    }
  };
  process.once('exit', onExit);

  const broker: Broker = {
    amqp: `127.0.0.1:${amqp}`,
    amqps: `127.0.0.1:${amqps}`,
    stomp: `127.0.0.1:${stomp}`,
    stomps: `127.0.0.1:${stomps}`,
    user: USER,
    tls,
    kill,
    restart: run,
    async [Symbol.asyncDispose]() {
      await kill();
      epmd.kill('SIGKILL');
      process.off('exit', onExit);
      // Its helpers may be writing still.
      for (let i = 0; i < 50; i++) {
        try {
          rmSync(folder, { recursive: true, force: true });
          return;
        } catch {
          await sleep(100);
        }
      }
    },
  };
  try {
    await run();
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
  return broker;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** An authority, and a certificate by it for 127.0.0.1 that serves both ends. */
function makeCertificates(folder: string): Broker['tls'] {
  mkdirSync(folder);
  const run = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  run(...['req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=authority of a test']);
  run(...['req', '-new', ...key, '-keyout', 'node.key', '-out', 'node.csr', '-subj', '/CN=node']);
  writeFileSync(join(folder, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  run(
    ...['x509', '-req', '-in', 'node.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-extfile', 'names', '-out', 'node.crt'],
  );
  return { root_ca: join(folder, 'ca.crt'), cert: join(folder, 'node.crt'), key: join(folder, 'node.key') };
}
