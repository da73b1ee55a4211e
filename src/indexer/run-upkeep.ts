/** What an indexer does besides indexing: it stores what older programs left out, and sweeps what nobody has any more. */
import { messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import { repeat } from '../lib/repeat.ts';
import type { Indexer } from './indexer.ts';

/** ms between two sweeps. */
const SWEEP = 60_000;
/** ms between two looks for manifests that an older program has written. */
const FILL = 10 * 60_000;
/** ms between two looks for names whose manifest never came. */
const NAMES = 3600_000;

/** Runs until `signal` is aborted; never throws. */
export async function runUpkeep(
  indexer: Pick<Indexer, 'fillLookups' | 'sweep' | 'forgetNames'>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const failed = (what: string, wait: number) => (error: unknown) => {
    log.warn(what, { reason: messageOf(error) });
    return wait;
  };
  await Promise.all([
    repeat(signal, undefined, failed('look-ups of manifests could not be stored', SWEEP), async () => {
      await indexer.fillLookups(signal);
      return FILL;
    }),
    repeat(signal, undefined, failed('what deleted manifests had could not be swept', SWEEP), async () => {
      const swept = await indexer.sweep(signal);
      if (swept !== undefined && swept.manifests > 0) log.info('deleted manifests swept', { ...swept });
      return SWEEP;
    }),
    repeat(signal, undefined, failed('old names of manifests could not be deleted', FILL), async () => {
      await indexer.forgetNames();
      return NAMES;
    }),
  ]);
}
