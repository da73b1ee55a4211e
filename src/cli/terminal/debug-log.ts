/** What `-D` shows: steps on stderr, in the shape of Clair's log. */
import { createLog, type Log, noLog } from '../../lib/log.ts';

/** Silent unless `debug`. */
export function debugLog({ debug }: { readonly debug?: boolean }): Log {
  return debug ? createLog('debug') : noLog;
}
