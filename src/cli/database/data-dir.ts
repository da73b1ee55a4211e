/** Where the embedded database lives unless told. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * `$CLAIR_DATA_DIR`, else `/var/lib/clair` for root (its server runs as nobody, who cannot enter root's home),
 * else `$XDG_DATA_HOME/clair` or `~/.local/share/clair`.
 */
export function defaultDataDir(env: NodeJS.ProcessEnv, uid: number | undefined): string {
  if (env.CLAIR_DATA_DIR) return env.CLAIR_DATA_DIR;
  if (uid === 0) return '/var/lib/clair';
  return join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'clair');
}
