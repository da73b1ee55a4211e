/** For tests that make certificates. */
import { execFileSync } from 'node:child_process';

/** Whether this machine has openssl. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}
