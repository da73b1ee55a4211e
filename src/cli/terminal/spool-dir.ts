/** Where archives and inputs are kept for the time of a command. */
import { tmpdir } from 'node:os';

/** `$TMPDIR`, else the system's. */
export function spoolDir(): string {
  return process.env.TMPDIR || tmpdir();
}
