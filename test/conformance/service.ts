/** Our service as a child process on an empty database, with the recorded configuration. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { ROOT } from '../imports.ts';
import { RECORDED_ADDRESS } from './corpus.ts';

/** The running service, until disposed. */
export interface Service extends AsyncDisposable {
  readonly address: string;
  /** Where health and metrics are. */
  readonly introspectionAddress: string;
  /** What it wrote so far. */
  readonly log: () => string;
  /** How it ended; undefined while it runs. */
  readonly exit: () => string | undefined;
}

/** How to start it. */
export interface ServiceOptions {
  /** YAML of the recorded configuration; addresses in it that start with the recorded one are rewritten. */
  readonly config: string;
  /** Where the recorded upstreams are served. */
  readonly upstream: string;
  /** URL of the recorded EPSS scores, whose name has a day in it; undefined: there are none. */
  readonly epss: string | undefined;
  /** An empty database. */
  readonly dsn: string;
}

const START_MS = 60_000;
const UPDATE_MS = 600_000;

/** Starts the service and waits until it answers. Throws with its log if it does not. */
export async function startService({ config, ...places }: ServiceOptions): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-conformance-'));
  const port = await freePort();
  const introspection = await freePort();
  const file = join(folder, 'clair.yaml');
  writeFileSync(file, rewriteConfig(config, { ...places, port, introspection }));
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'clair.mjs'), '-conf', file, '-mode', 'combo'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => log.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
  const service: Service = {
    address: `http://127.0.0.1:${port}`,
    introspectionAddress: `http://127.0.0.1:${introspection}`,
    log: () => log.join(''),
    exit: () => (child.exitCode ?? child.signalCode)?.toString(),
    async [Symbol.asyncDispose]() {
      await stop(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    await waitFor('the service to answer', START_MS, service, async () => {
      const answer = await fetch(`http://127.0.0.1:${introspection}/readyz`);
      return answer.status === 200;
    });
  } catch (error) {
    await service[Symbol.asyncDispose]();
    throw error;
  }
  return service;
}

/** Has all feeds asked for news, and waits until that is done. */
export async function updateFeeds(service: Service): Promise<void> {
  const url = `${service.address}/matcher/api/v1/internal/feeds`;
  const { status } = await fetch(`${url}/update`, { method: 'POST' });
  if (status !== 202) throw new Error(`POST ${url}/update answered ${status}`);
  // Not by what the service logs: an update that was due before may have been logged, and not been read yet.
  await waitFor('an update', UPDATE_MS, service, async () => {
    const { updating } = (await (await fetch(url)).json()) as { updating: boolean };
    return !updating;
  });
}

/** Waits until the first update of all feeds has ended, by what the service logs. */
export async function waitForUpdate(service: Service): Promise<void> {
  await waitFor('the first update', UPDATE_MS, service, async () =>
    /feeds updated|update of the feeds failed/.test(service.log()),
  );
}

async function waitFor(
  what: string,
  limit: number,
  service: Service,
  condition: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + limit;
  for (;;) {
    const exit = service.exit();
    if (exit !== undefined) throw new Error(`the service ended (${exit}):\n${service.log().slice(-4000)}`);
    if (await condition().catch(() => false)) return;
    if (Date.now() > deadline) {
      throw new Error(`waited ${limit / 1000} s for ${what}:\n${service.log().slice(-4000)}`);
    }
    await sleep(100);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(late);
}

/** The recorded configuration on our ports, database and upstream. */
export function rewriteConfig(
  text: string,
  places: Omit<ServiceOptions, 'config'> & { readonly port: number; readonly introspection: number },
): string {
  const { upstream, dsn, port, introspection } = places;
  const config = parse(text.replaceAll(RECORDED_ADDRESS, upstream)) as Record<
    string,
    Record<string, unknown>
  >;
  const { notifier: _, metrics: __, ...rest } = config;
  const given = (config.updaters?.config ?? {}) as Record<string, object>;
  return stringify({
    ...rest,
    http_listen_addr: `127.0.0.1:${port}`,
    introspection_addr: `127.0.0.1:${introspection}`,
    log_level: 'info',
    indexer: { ...config.indexer, connstring: dsn, migrations: true },
    matcher: { ...config.matcher, connstring: dsn, migrations: true },
    updaters: { ...config.updaters, config: { ...given, ...moreUpstreams(given, places) } },
  });
}

/** Upstreams that Clair cannot be told another address of, or does not ask. */
function moreUpstreams(
  given: Record<string, object>,
  { upstream, epss }: { upstream: string; epss: string | undefined },
): Record<string, object> {
  const kev = `${upstream}/www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json`;
  return {
    wolfi: { url: `${upstream}/packages.wolfi.dev/os/security.json`, ...given.wolfi },
    chainguard: { url: `${upstream}/packages.cgr.dev/chainguard/security.json`, ...given.chainguard },
    ubuntu: { ...given.ubuntu, oval_url: `${upstream}/security-metadata.canonical.com/oval/` },
    ...amazon(upstream),
    'clair.kev': { feed: kev, ...given['clair.kev'] },
    'clair.epss': { ...(epss !== undefined && { url: epss }), ...given['clair.epss'] },
  };
}

/** The lists of mirrors name their real hosts, copies of which are here. */
function amazon(upstream: string): Record<string, object> {
  const first = `${upstream}/repo.us-west-2.amazonaws.com`;
  const later = `${upstream}/cdn.amazonlinux.com`;
  return {
    'aws-AL1-updater': { url: `${first}/2018.03/updates/x86_64/mirror.list`, mirror_url: first },
    'aws-AL2-updater': { url: `${later}/2/core/latest/x86_64/mirror.list`, mirror_url: later },
    'aws-AL2023-updater': {
      url: `${later}/al2023/core/mirrors/latest/x86_64/mirror.list`,
      mirror_url: later,
    },
  };
}

/**
 * A free port of 127.0.0.1, below those that systems use for outgoing connections: a service that is down for a moment
 * finds it free again.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((done) => {
      server.once('error', () => done(false)).listen(port, '127.0.0.1', () => done(true));
    });
    if (!isFree) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
  throw new Error('no free port between 10000 and 30000');
}
