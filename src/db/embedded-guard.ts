/** Ends a server whose keeper was killed. */
import { type ChildProcess, spawn } from 'node:child_process';

/** Ends process `pid` if this process is killed: only then does the guard's standard input end. `onError`: there is no guard. */
export function startGuard(pid: number, onError: (error: Error) => void): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', 'while read -r _; do :; done; kill -INT "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  guard.on('error', onError);
  guard.stdin.on('error', () => {}); // it was ended
  return guard;
}
