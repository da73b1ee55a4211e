/** Sweeps what only deleted manifests had: in the background, in pages that yield to requests, one replica at a time. */
import type { Database } from '../db/database.ts';
import { inBackground } from '../lib/background.ts';
import {
  deleteHidden,
  deleteOrphanLayers,
  forgetDeleted,
  hideOrphans,
  LOOKUPS,
  loadDeleted,
  noteHorizon,
  notInRecent,
  pageOf,
  SETS,
  type SharedTable,
} from './store/sweep-orphans.ts';

/** Deleted manifests that are dealt with at once: most of what they have is the same. */
const MANIFESTS = 1000;
/** Lookups, sets or layers of one statement: it takes some ten milliseconds. */
const PAGE = 500;
/** Newest manifests that are searched for frequent lookups: for each deleted one, at most, and at once; more at once for many lookups, one for so many. */
const RECENT = { each: 20, most: 2000, page: 100, lookups: 400 };
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
    const { rows, lookups, sets, layers, ...deleted } = await loadDeleted(db, MANIFESTS);
    if (rows.length === 0) break;
    const recent = Math.min(rows.length * RECENT.each, RECENT.most);
    await hideAll(db, SETS, sets, recent, stop);
    await hideAll(db, LOOKUPS, lookups, recent, stop);
    for (const page of pagesOf(layers)) await inBackground(() => deleteOrphanLayers(db, page), stop);
    await forgetDeleted(db, rows);
    manifests += deleted.manifests;
  }
  // Sets first: what a deleted one had is for the next sweep.
  await deleteDue(db, SETS, stop);
  return { manifests, lookups: await deleteDue(db, LOOKUPS, stop) };
}

/** Returns how many of those that were hidden are deleted now. */
async function deleteDue(db: Database, shared: SharedTable, signal: AbortSignal): Promise<number> {
  await noteHorizon(db, shared);
  let all = 0;
  for (;;) {
    const { due, deleted } = await inBackground(() => deleteHidden(db, shared, PAGE), signal);
    all += deleted;
    if (due === 0) return all;
  }
}

/** Hides all sets and lookups that no manifest has, wherever they are from; the next sweeps delete them. */
export async function hideAllOrphans(db: Database, signal: AbortSignal): Promise<void> {
  for (const shared of [SETS, LOOKUPS]) {
    for (let after = 0; ; ) {
      const block = await pageOf(db, shared, after, BLOCK);
      if (block.length === 0) break;
      await hideAll(db, shared, block, RECENT.most, signal);
      after = block.at(-1)!;
    }
  }
}

async function hideAll(
  db: Database,
  shared: SharedTable,
  ids: readonly number[],
  recent: number,
  signal: AbortSignal,
): Promise<void> {
  let rare = ids;
  for (let read = 0, before = Number.MAX_SAFE_INTEGER; read < recent && rare.length > 0; ) {
    const wanted = Math.max(RECENT.page, Math.ceil(rare.length / RECENT.lookups));
    const page = { before, limit: Math.min(wanted, recent - read) };
    const found = await inBackground(() => notInRecent(db, shared, rare, page), signal);
    rare = found.rare;
    if (found.next === undefined) break;
    before = found.next;
    read += page.limit;
  }
  for (const page of pagesOf(rare)) await inBackground(() => hideOrphans(db, shared, page), signal);
}

function* pagesOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += PAGE) yield items.slice(at, at + PAGE);
}
