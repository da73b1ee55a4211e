/** Our service as a process of its own, on an embedded database that is thrown away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { startEmbedded } from '../src/db/embedded.ts';
import { freePort } from '../test/conformance/service.ts';
import { ROOT } from '../test/imports.ts';
import { clusterCpu, cpuOf, postmasterIn } from './measure.ts';

const READY_MS = 60_000;
const POLL_MS = 10;

export interface BenchService extends AsyncDisposable {
  readonly pid: number;
  readonly address: string;
  /** Seconds from the start of the process until it said that it is ready. */
  readonly startup: number;
  readonly log: () => string;
  /** Seconds of CPU so far: of the process, and of its embedded PostgreSQL. */
  cpu(): { readonly process: number; readonly postgres: number };
}

/** A part of the configuration; the database and the addresses are filled in. */
export type BenchConfig = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Connection strings of databases that are there. */
export interface Databases {
  readonly indexer: string;
  readonly matcher: string;
}

/**
 * Starts the service and waits until it is ready, on an embedded database unless there are others. Throws with its log
 * if it does not get there.
 */
export async function startService(config: BenchConfig, databases?: Databases): Promise<BenchService> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'clair-bench-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { indexer, matcher } = databases ?? (await embedded(resources, folder));
  const ports = [await freePort(), await freePort()];
  const file = join(folder, 'clair.yaml');
  writeFileSync(
    file,
    stringify({
      ...config,
      http_listen_addr: `127.0.0.1:${ports[0]}`,
      introspection_addr: `127.0.0.1:${ports[1]}`,
      log_level: 'info',
      indexer: { ...config.indexer, connstring: indexer, migrations: true },
      matcher: { ...config.matcher, connstring: matcher, migrations: true },
    }),
  );

  const start = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'clair.mjs'), '-conf', file, '-mode', 'combo'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  resources.defer(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  while (!(await answers(`http://127.0.0.1:${ports[1]}/readyz`))) {
    if (child.exitCode !== null || performance.now() - start > READY_MS)
      throw new Error(`the service does not get ready:\n${log.slice(-4000)}`);
    await sleep(POLL_MS);
  }
  const startup = (performance.now() - start) / 1000;
  const kept = resources.move();
  return {
    pid: child.pid!,
    address: `http://127.0.0.1:${ports[0]}`,
    startup,
    log: () => log,
    cpu() {
      const postmaster = databases === undefined ? postmasterIn(join(folder, 'db')) : undefined;
      const postgres = postmaster === undefined ? 0 : clusterCpu(postmaster);
      return { process: cpuOf(child.pid!).own, postgres };
    },
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  };
}

async function embedded(resources: AsyncDisposableStack, folder: string): Promise<Databases> {
  const { dsn } = resources.use(await startEmbedded({ dataDir: join(folder, 'db') }));
  return { indexer: dsn, matcher: dsn };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).status === 200;
  } catch {
    return false;
  }
}

/** Posts a manifest and waits for its report; throws if it did not become one. */
export async function postManifest(
  address: string,
  manifest: object,
): Promise<{ state: string; packages: object }> {
  const response = await fetch(`${address}/indexer/api/v1/index_report`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(manifest),
  });
  const text = await response.text();
  if (response.status !== 201)
    throw new Error(`index_report answered ${response.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as { state: string; packages: object };
}
