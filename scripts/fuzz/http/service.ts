/** A real service on a real PostgreSQL, with a notifier and with authentication. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { testDatabase } from '../../../src/db/database.fixture.ts';
import { mintBearer } from '../../../src/http/auth/tokens.ts';
import { freePort } from '../../../test/conformance/service.ts';
import { ROOT } from '../../../test/imports.ts';

export const KEY = Buffer.from('a key for fuzzing');
export const ISSUER = 'fuzz';

export interface FuzzedService extends AsyncDisposable {
  readonly port: number;
  readonly logFile: string;
  /** How it ended; undefined while it runs. */
  exit(): string | undefined;
  /** MiB in memory now; undefined where that cannot be told. */
  memory(): number | undefined;
  token(): Promise<string>;
}

export async function startFuzzedService(): Promise<FuzzedService> {
  await using resources = new AsyncDisposableStack();
  const { dsn } = resources.use(await testDatabase());
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
      matcher: { ...database, disable_updaters: true },
      // Nobody listens there: what is to be delivered stays, and is asked about.
      notifier: { ...database, webhook: { target: 'http://127.0.0.1:1/', callback: 'http://127.0.0.1:1/' } },
      auth: { psk: { key: KEY.toString('base64'), iss: [ISSUER] } },
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
    exit,
    memory: () => memoryOf(child.pid!),
    token: () => mintBearer(KEY, ISSUER, new Date()),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function memoryOf(pid: number): number | undefined {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return undefined;
  }
}
