/** What of an index report is stored for the way from advisories to manifests, and for which manifests that is missing. */
import { createHash } from 'node:crypto';
import { setImmediate as yieldToRequests } from 'node:timers/promises';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Database, Session } from '../db/database.ts';
import { type IdentifiedLookup, lookupsOf, type ReportLookup } from '../ecosystems/report-lookups.ts';
import { versionKeys } from '../ecosystems/version-keys.ts';
import { AppError, messageOf } from '../errors.ts';
import { type InBackground, inBackground } from '../lib/background.ts';
import type { Log } from '../lib/log.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexReport } from '../model/index-report.ts';
import { fromWire } from '../model/index-report-wire.ts';
import { isMissing, type StoredDocuments } from './documents/documents.ts';
import { renameLayers } from './store/layer-names.ts';
import { IN_SETS } from './store/lookup-sets.ts';
import { stillMissing, takeMissing, type WantedMissing } from './store/missing-lookups.ts';
import { type KeyedLookup, keyedLookup, type ManifestLookups, saveLookups } from './store/save-lookups.ts';
import { hideAllOrphans } from './sweep.ts';

/** Raised when the same report has other lookups, or a version another key: what is stored is then made anew. */
const REVISION = 6;

/** What made lookups of a report, and its form: another list of ecosystems or version schemes makes others. */
export function lookupsRevision(ecosystems: readonly Ecosystem[], compact = false): string {
  const ids = ecosystems.map(({ id, versions }) => `${id} ${versions.id}`).sort();
  const made = `${REVISION}-${createHash('sha256').update(ids.join('\n')).digest('hex').slice(0, 12)}`;
  return compact ? made + IN_SETS : made;
}

/** Returns what is stored of a lookup; undefined: nothing. */
export type KeyedOf = (lookup: IdentifiedLookup) => KeyedLookup | undefined;

/** Lookups that are remembered: those of the packages of some hundred base images. */
const REMEMBERED = 20_000;

/** Makes keys and digests of lookups, and remembers them: reports share most of their lookups. */
export function keyedLookups(): KeyedOf {
  const keyOf = versionKeys();
  const recent = new Map<string, KeyedLookup | undefined>();
  return ({ id, lookup, versions }) => {
    const known = recent.get(id);
    if (known !== undefined || recent.has(id)) return known;
    const made = keyedLookup(lookup, keyOf(versions, lookup.version));
    if (recent.size >= REMEMBERED) recent.clear();
    recent.set(id, made);
    return made;
  };
}

/** All that is looked up for `report`, as it is stored. `compact`: with the layers, which sets need. */
export function manifestLookupsOf(
  report: IndexReport,
  ecosystems: readonly Ecosystem[],
  {
    keyedOf = keyedLookups(),
    compact = true,
  }: { readonly keyedOf?: KeyedOf; readonly compact?: boolean } = {},
): ManifestLookups {
  const lookups: KeyedLookup[] = [];
  const layers: Digest[][] = [];
  for (const each of lookupsOf(report, ecosystems).lookups) {
    const keyed = keyedOf(each);
    if (keyed === undefined) continue;
    lookups.push(keyed);
    if (compact) layers.push(layersOf(report, each));
  }
  return { manifest: report.manifestHash, lookups, layers };
}

/** The layers that have introduced its packages. */
function layersOf({ packages }: IndexReport, lookup: ReportLookup): Digest[] {
  return lookup.packages.flatMap((at) => packages[at]!.environments.map(({ introducedIn }) => introducedIn));
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
  const keyedOf = keyedLookups();
  let filled = 0;
  for (let last: number | undefined = 0; last !== undefined; ) {
    signal.throwIfAborted();
    const after: number = last;
    const taken: { last: number | undefined; filled: number } = await piece(
      () => db.transaction((tx) => fillSome(parts, tx, { revision, old, after }, keyedOf)),
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
  keyedOf: KeyedOf,
): Promise<{ last: number | undefined; filled: number }> {
  const taken = await takeMissing(tx, wanted, TAKEN);
  const made: ManifestLookups[] = [];
  const ids: number[] = [];
  for (const { id, digest, report } of await stillMissing(tx, wanted, taken)) {
    try {
      const json = await documents.read(report);
      const stored = fromWire(JSON.parse(json)).report;
      made.push({ ...manifestLookupsOf(stored, ecosystems, { keyedOf, compact }), manifest: digest });
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
