/** Keeps what the console reads: follows the indexer, the feeds and the decisions. One replica does it at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { IndexerClient } from '../matcher.ts';
import { countDecisions, decideExpired } from './decisions/expire.ts';
import { decideImages, type FillParts, fillImages, markOld } from './fill-images.ts';
import { followFacts, followRuns } from './follow-feeds.ts';
import { followManifests } from './follow-manifests.ts';
import { deleteOld, saveDay } from './store/days.ts';
import { deleteUnusedLabels, recountLabel } from './store/labels.ts';
import { type SeenImages, saveSeen } from './store/seen.ts';
import { lowerSeverities } from './store/severities.ts';

export interface UpkeepParts extends FillParts {
  readonly indexer: Pick<IndexerClient, 'manifests'>;
  /** Names of the enrichers in use. */
  readonly enrichers: readonly string[];
  /** Images whose reports were asked for. */
  readonly seen: SeenImages;
}

const LOCK = 'clair-console';
/** ms; while there is work there is no pause. */
const PAUSE = 2000;
const TROUBLE = 15_000;
const HOUR = 3600_000;
const DAY_EVERY = 60_000;

/** Ends when `signal` is aborted; never throws. */
export async function keepUp(parts: UpkeepParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await using lock = await parts.db.lock(LOCK, { signal });
      await keepUpAlone(parts, AbortSignal.any([signal, lock.signal]));
    } catch (error) {
      if (signal.aborted) return;
      parts.log.warn('upkeep of the console failed, will be retried', { reason: messageOf(error) });
      await sleep(TROUBLE, undefined, { signal }).catch(() => {});
    }
  }
}

async function keepUpAlone(parts: UpkeepParts, signal: AbortSignal): Promise<never> {
  let tidied = 0;
  let counted = 0;
  for (;;) {
    const busy = await keepUpOnce(parts, signal);
    const now = parts.now().getTime();
    if (now - counted >= DAY_EVERY) {
      counted = now;
      await countDecisions(parts.db);
      await saveDay(parts.db, parts.now());
    }
    if (now - tidied >= HOUR) {
      tidied = now;
      await markOld(parts.db, parts.now());
      await deleteOld(parts.db, parts.now());
      await deleteUnusedLabels(parts.db);
    }
    if (!busy) await sleep(PAUSE, undefined, { signal });
  }
}

/** One round; gives whether there may be more to do. */
export async function keepUpOnce(parts: UpkeepParts, signal: AbortSignal): Promise<boolean> {
  const { db, indexer, enrichers, now, seen } = parts;
  await saveSeen(db, seen.take());
  await followManifests(db, indexer, now, signal);
  await followRuns(db, now());
  await followFacts(db, enrichers, now(), signal);
  await decideExpired(db, now());
  const filled = await fillImages(parts, signal);
  const decided = await decideImages(parts);
  if (decided > 0) await countDecisions(db);
  // While images are being looked up anew, those that are not yet still have what was said before.
  const lowered = filled > 0 ? 0 : await lowerSeverities(db);
  const counted = filled === 0 && (await recountLabel(db, now()));
  return filled > 0 || decided > 0 || lowered > 0 || counted;
}
