/** What of an index report is stored for the way from advisories to manifests, and for which manifests that is missing. */
import { createHash } from 'node:crypto';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Database } from '../db/database.ts';
import { lookupsOf } from '../ecosystems/report-lookups.ts';
import { versionKeys } from '../ecosystems/version-keys.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import type { IndexReport } from '../model/index-report.ts';
import { fromWire } from '../model/index-report-wire.ts';
import { anyLookupsMissing, loadMissing, lockReport } from './store/missing-lookups.ts';
import { type KeyedLookup, saveLookups } from './store/save-lookups.ts';
import { hideAllOrphans } from './sweep.ts';

/** Raised when the same report has other lookups, or a version another key: what is stored is then made anew. */
const REVISION = 5;

/** What made lookups of a report: another list of ecosystems or version schemes makes others. */
export function lookupsRevision(ecosystems: readonly Ecosystem[]): string {
  const ids = ecosystems.map(({ id, versions }) => `${id} ${versions.id}`).sort();
  return `${REVISION}-${createHash('sha256').update(ids.join('\n')).digest('hex').slice(0, 12)}`;
}

/** All that is looked up for `report`, with keys. */
export function keyedLookupsOf(report: IndexReport, ecosystems: readonly Ecosystem[]): KeyedLookup[] {
  const keyOf = versionKeys();
  return lookupsOf(report, ecosystems).lookups.map(({ lookup, versions }) => ({
    ...lookup,
    key: keyOf(versions, lookup.version),
  }));
}

export interface LookupParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly log: Log;
}

/**
 * Stores the lookups of manifests that were indexed before there were any, or by a program that made others: read
 * from their reports, nothing is fetched. One replica at a time; the others wait until it is done.
 */
export async function fillLookups(parts: LookupParts, signal: AbortSignal): Promise<void> {
  const { db, ecosystems, log } = parts;
  const revision = lookupsRevision(ecosystems);
  if (!(await anyLookupsMissing(db, revision))) return;
  await using lock = await db.lock('manifest-findings', { signal });
  const stop = AbortSignal.any([signal, lock.signal]);
  let filled = 0;
  for (let last = 0; ; ) {
    const manifests = await loadMissing(db, revision, last);
    if (manifests.length === 0) break;
    for (const manifest of manifests) {
      stop.throwIfAborted();
      if (await fillOne(parts, revision, manifest)) filled++;
      last = manifest;
    }
  }
  if (filled === 0) return;
  await hideAllOrphans(db, stop);
  log.info('look-ups of manifests stored', { manifests: filled });
}

/** False if the manifest is gone, is being indexed anew, or its report cannot be read. */
async function fillOne({ db, ecosystems, log }: LookupParts, revision: string, id: number): Promise<boolean> {
  return await db.transaction(async (tx) => {
    const stored = await lockReport(tx, id);
    if (stored === undefined) return false;
    let lookups: KeyedLookup[] = [];
    try {
      lookups = keyedLookupsOf(fromWire(JSON.parse(stored.report)).report, ecosystems);
    } catch (error) {
      const reason = messageOf(error);
      log.warn('stored report unreadable: resubmit the manifest', {
        manifest: stored.digest,
        reason,
      });
      return false;
    }
    await saveLookups(tx, stored.digest, revision, lookups);
    return true;
  });
}
