/** What of an index report is stored for the way from advisories to manifests, and for which manifests that is missing. */
import { createHash } from 'node:crypto';
import { setImmediate as yieldToRequests } from 'node:timers/promises';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Database, Session } from '../db/database.ts';
import { lookupsOf } from '../ecosystems/report-lookups.ts';
import { versionKeys } from '../ecosystems/version-keys.ts';
import { AppError, messageOf } from '../errors.ts';
import { type InBackground, inBackground } from '../lib/background.ts';
import type { Log } from '../lib/log.ts';
import type { IndexReport } from '../model/index-report.ts';
import { fromWire } from '../model/index-report-wire.ts';
import { isMissing, type StoredDocuments } from './documents/documents.ts';
import { renameLayers } from './store/layer-names.ts';
import { IN_SETS } from './store/lookup-sets.ts';
import { stillMissing, takeMissing, type WantedMissing } from './store/missing-lookups.ts';
import { type KeyedLookup, type ManifestLookups, saveLookups } from './store/save-lookups.ts';
import { hideAllOrphans } from './sweep.ts';

/** Raised when the same report has other lookups, or a version another key: what is stored is then made anew. */
const REVISION = 6;

/** What made lookups of a report, and its form: another list of ecosystems or version schemes makes others. */
export function lookupsRevision(ecosystems: readonly Ecosystem[], compact = false): string {
  const ids = ecosystems.map(({ id, versions }) => `${id} ${versions.id}`).sort();
  const made = `${REVISION}-${createHash('sha256').update(ids.join('\n')).digest('hex').slice(0, 12)}`;
  return compact ? made + IN_SETS : made;
}

/** All that is looked up for `report`, with keys: those of `keyOf` where several reports have the same versions. */
export function keyedLookupsOf(
  report: IndexReport,
  ecosystems: readonly Ecosystem[],
  keyOf = versionKeys(),
): KeyedLookup[] {
  return lookupsOf(report, ecosystems).lookups.map(({ lookup, versions, packages }) => ({
    ...lookup,
    key: keyOf(versions, lookup.version),
    layers: packages.flatMap((at) =>
      report.packages[at]!.environments.map(({ introducedIn }) => introducedIn),
    ),
  }));
}

export interface LookupParts {
  readonly db: Database;
  readonly documents: StoredDocuments;
  readonly ecosystems: readonly Ecosystem[];
  /** Whether lookups are stored in sets, and layers with short names. */
  readonly compact: boolean;
  readonly log: Log;
}

/** Manifests of one transaction, which keeps their reports from being replaced. */
const TAKEN = 10;

/**
 * Stores the lookups of manifests that were indexed before there were any, or by a program that made others: read
 * from their reports, nothing is fetched. All replicas do it at once, each with manifests that no other one is at.
 */
export async function fillLookups(parts: LookupParts, signal: AbortSignal): Promise<void> {
  const filled = await fill(parts, { old: true, piece: inBackground }, signal);
  if (filled === 0) return;
  await using lock = await parts.db.tryLock('all-orphans');
  if (lock !== undefined) await hideAllOrphans(parts.db, AbortSignal.any([signal, lock.signal]));
}

/** The same only for manifests without any lookups, and without rests: a request waits for it. */
export async function fillWithoutLookups(parts: LookupParts, signal: AbortSignal): Promise<void> {
  await fill(parts, { old: false, piece: (work) => work() }, signal);
}

/** Returns how many manifests it has filled. `old`: those with lookups of another revision as well. */
async function fill(
  parts: LookupParts,
  { old, piece }: { readonly old: boolean; readonly piece: InBackground },
  signal: AbortSignal,
): Promise<number> {
  const { db, log } = parts;
  const revision = lookupsRevision(parts.ecosystems, parts.compact);
  let filled = 0;
  for (let last: number | undefined = 0; last !== undefined; ) {
    signal.throwIfAborted();
    const after: number = last;
    const taken: { last: number | undefined; filled: number } = await piece(
      () => db.transaction((tx) => fillSome(parts, tx, { revision, old, after })),
      signal,
    );
    filled += taken.filled;
    last = taken.last;
  }
  if (filled > 0) log.info('look-ups of manifests stored', { manifests: filled });
  return filled;
}

/** Fills some of those that are wanted; `last` undefined: there were none. */
async function fillSome(
  { documents, ecosystems, compact, log }: LookupParts,
  tx: Session,
  wanted: WantedMissing,
): Promise<{ last: number | undefined; filled: number }> {
  const taken = await takeMissing(tx, wanted, TAKEN);
  const made: ManifestLookups[] = [];
  const ids: number[] = [];
  const keyOf = versionKeys();
  for (const { id, digest, report } of await stillMissing(tx, wanted, taken)) {
    try {
      const json = await documents.read(report);
      const lookups = keyedLookupsOf(fromWire(JSON.parse(json)).report, ecosystems, keyOf);
      made.push({ manifest: digest, lookups });
      ids.push(id);
      await yieldToRequests();
    } catch (error) {
      if (error instanceof AppError && !isMissing(error)) throw error;
      log.warn('stored report unreadable: resubmit the manifest', {
        manifest: digest,
        reason: messageOf(error),
      });
    }
  }
  if (made.length > 0) {
    await saveLookups(tx, wanted.revision, made);
    await renameLayers(tx, ids, compact);
  }
  return { last: taken.at(-1)?.id, filled: made.length };
}
