/** Runs `clair` and `clairctl` as a user does: through the launchers in bin/. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../imports.ts';

/** A program that ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that is running; killed when disposed. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
  /** Waits until stderr has this, at most `limit` ms. */
  waitFor(pattern: RegExp, limit?: number): Promise<void>;
}

const LIMIT_MS = 60_000;

/** Starts `bin/<program>.mjs` of this repository, or of another copy at `root`. */
export function start(
  program: 'clair' | 'clairctl',
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
  limit = 4 * LIMIT_MS,
  root = ROOT,
): Running {
  const child = spawn(process.execPath, [join(root, 'bin', `${program}.mjs`), ...args], {
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limit,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]): Ended => ({ code, stdout, stderr }));
  return {
    child,
    ended,
    stderr: () => stderr,
    async waitFor(pattern, patience = LIMIT_MS) {
      const deadline = Date.now() + patience;
      while (!pattern.test(stderr)) {
        if (child.exitCode !== null || Date.now() > deadline) {
          throw new Error(`${program} did not say ${pattern} (exit code ${child.exitCode}):\n${stderr}`);
        }
        await sleep(50);
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Runs it to its end. */
export async function runToEnd(...args: Parameters<typeof start>): Promise<Ended> {
  await using program = start(...args);
  return await program.ended;
}
