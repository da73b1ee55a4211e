/** Sweeps what only deleted manifests had: in the background, in pages that yield to requests, one replica at a time. */
import type { Database } from '../db/database.ts';
import { inBackground } from '../lib/background.ts';
import {
  deleteHidden,
  deleteOrphanLayers,
  forgetDeleted,
  hideOrphans,
  loadDeleted,
  noteHorizon,
  notInRecent,
  pageOfLookups,
} from './store/sweep-orphans.ts';

/** Deleted manifests that are dealt with at once: most of what they have is the same. */
const MANIFESTS = 1000;
/** Lookups and layers of one statement: it takes some ten milliseconds. */
const PAGE = 500;
/** Newest manifests that are searched for frequent lookups: for each deleted one, and at most. */
const RECENT = { each: 20, most: 2000 };
/** Lookups of a full sweep that are compared with the newest manifests at once: most of the time goes into reading those. */
const BLOCK = 200_000;

/** What a sweep did. */
export interface Swept {
  /** Deleted manifests that were dealt with. */
  readonly manifests: number;
  /** Lookups that were deleted. Those that a transaction may still refer to are left for the next sweep. */
  readonly lookups: number;
}

/** Sweeps once; returns undefined if another replica is at it. */
export async function sweepOrphans(db: Database, signal: AbortSignal): Promise<Swept | undefined> {
  await using lock = await db.tryLock('orphans');
  if (lock === undefined) return undefined;
  const stop = AbortSignal.any([signal, lock.signal]);
  let manifests = 0;
  for (;;) {
    stop.throwIfAborted();
    const { rows, lookups, layers } = await loadDeleted(db, MANIFESTS);
    if (rows.length === 0) break;
    await hideAll(db, lookups, Math.min(rows.length * RECENT.each, RECENT.most), stop);
    for (const page of pagesOf(layers)) await inBackground(() => deleteOrphanLayers(db, page), stop);
    await forgetDeleted(db, rows);
    manifests += rows.length;
  }
  await noteHorizon(db);
  let lookups = 0;
  for (;;) {
    const { due, deleted } = await inBackground(() => deleteHidden(db, PAGE), stop);
    lookups += deleted;
    if (due === 0) return { manifests, lookups };
  }
}

/** Hides all lookups that no manifest has, wherever they are from; the next sweep deletes them. */
export async function hideAllOrphans(db: Database, signal: AbortSignal): Promise<void> {
  for (let after = 0; ; ) {
    const block = await pageOfLookups(db, after, BLOCK);
    if (block.length === 0) return;
    await hideAll(db, block, RECENT.most, signal);
    after = block.at(-1)!;
  }
}

async function hideAll(
  db: Database,
  lookups: readonly number[],
  recent: number,
  signal: AbortSignal,
): Promise<void> {
  if (lookups.length === 0) return;
  const rare = await inBackground(() => notInRecent(db, lookups, recent), signal);
  for (const page of pagesOf(rare)) await inBackground(() => hideOrphans(db, page), signal);
}

function* pagesOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += PAGE) yield items.slice(at, at + PAGE);
}
