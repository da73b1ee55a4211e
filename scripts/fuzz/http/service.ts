/** A real service on a real PostgreSQL, with a notifier and with authentication. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { testDatabase } from '../../../src/db/database.fixture.ts';
import { mintBearer } from '../../../src/http/auth/tokens.ts';
import { freePort } from '../../../test/conformance/service.ts';
import { digestOf, makeTar } from '../../../test/e2e/make-image.ts';
import { ALPINE } from '../../../test/e2e/world.ts';
import { ROOT } from '../../../test/imports.ts';

export const KEY = Buffer.from('a key for fuzzing');
export const ISSUER = 'fuzz';

export interface FuzzedService extends AsyncDisposable {
  readonly port: number;
  readonly logFile: string;
  /** That the service can fetch. */
  readonly layer: { readonly hash: string; readonly uri: string };
  /** How it ended; undefined while it runs. */
  exit(): string | undefined;
  /** MiB in memory now; undefined where that cannot be told. */
  memory(): number | undefined;
  token(): Promise<string>;
}

/** `more`: other keys of its configuration. */
export async function startFuzzedService(more: object = {}): Promise<FuzzedService> {
  await using resources = new AsyncDisposableStack();
  const { dsn } = resources.use(await testDatabase());
  const layer = await serveLayer(resources);
  const folder = mkdtempSync(join(tmpdir(), 'clair-fuzz-http-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [port, introspection] = [await freePort(), await freePort()];
  const database = { connstring: dsn, migrations: true };
  const file = join(folder, 'config.json');
  writeFileSync(
    file,
    JSON.stringify({
      http_listen_addr: `127.0.0.1:${port}`,
      introspection_addr: `127.0.0.1:${introspection}`,
      indexer: database,
      matcher: database,
      updaters: { sets: [] },
      // Nobody listens there: what is to be delivered stays, and is asked about.
      notifier: { ...database, webhook: { target: 'http://127.0.0.1:1/', callback: 'http://127.0.0.1:1/' } },
      auth: { psk: { key: KEY.toString('base64'), iss: [ISSUER] } },
      ...more,
    }),
  );
  const logFile = join(tmpdir(), `clair-fuzz-http-${process.pid}.log`);
  const log = createWriteStream(logFile);
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'clair.mjs'), '-conf', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.pipe(log);
  const exit = (): string | undefined => (child.exitCode ?? child.signalCode)?.toString();
  resources.defer(async () => {
    if (exit() === undefined && child.kill('SIGTERM')) await once(child, 'exit');
  });
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://127.0.0.1:${introspection}/readyz`).catch(() => undefined);
    if (answer?.status === 200) break;
    if (exit() !== undefined || tries > 600)
      throw new Error(`the service did not start: ${readFileSync(logFile, 'utf8')}`);
    await sleep(100);
  }
  const owned = resources.move();
  return {
    port,
    logFile,
    layer,
    exit,
    memory: () => memoryOf(child.pid!),
    token: () => mintBearer(KEY, ISSUER, new Date()),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function serveLayer(resources: AsyncDisposableStack): Promise<FuzzedService['layer']> {
  const blob = gzipSync(makeTar(ALPINE));
  const server = createServer((_request, response) => response.end(blob)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  resources.defer(() => server.close().closeAllConnections());
  return { hash: digestOf(blob), uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}/layer` };
}

function memoryOf(pid: number): number | undefined {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return undefined;
  }
}
