/** A lock on a file that the kernel lets go of however its process ends. */
import { DatabaseSync } from 'node:sqlite';

/**
 * Locks `path`; undefined: another process has it. Node has no `flock`; SQLite,
 * which it does have, takes POSIX locks, and no byte is written for one that is only held.
 */
export function lockFile(path: string): Disposable | undefined {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec('begin exclusive');
    return { [Symbol.dispose]: () => file.close() };
  } catch (error) {
    file.close();
    const SQLITE_BUSY = 5;
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}
