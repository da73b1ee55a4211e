/** The indexer: creates and stores the IndexReport of a manifest, and knows which manifests an advisory affects. */

import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Database } from '../db/database.ts';
import type { Log } from '../lib/log.ts';
import type { AdvisoryFacts } from '../model/advisory.ts';
import type { Digest } from '../model/digest.ts';
import type { Manifest } from '../model/manifest.ts';
import type { ManifestChanges } from '../model/manifest-changes.ts';
import type { Problem } from '../model/package.ts';
import { affectedPages, orderedAdvisory, type PageOptions } from './affected-by.ts';
import { type AffectedAnswer, type AffectedManifests, affectedManifests } from './affected-manifests.ts';
import { loadManifestChanges } from './catalog/load-changes.ts';
import { deleteNames, deleteOldNames, type SaidOfManifest, saveNames } from './catalog/save-names.ts';
import { inRows, type StoredDocuments } from './documents/documents.ts';
import { emptyReport } from './empty-report.ts';
import { storedLookups } from './fill-lookups.ts';
import { forgetManifests } from './forget-manifests.ts';
import { indexManifest } from './index-manifest.ts';
import { indexerState } from './indexer-state.ts';
import type { LayerScanner } from './layer-scanner.ts';
import { type ResolveOptions, resolveDetections } from './resolve-detections.ts';
import type { IndexOptions } from './scan-layers.ts';
import { loadNewerReport, type VersionedReport } from './store/load-newer-report.ts';
import { loadReport } from './store/load-report.ts';
import { saveManifest } from './store/save-manifest.ts';
import { saveProgress } from './store/save-report.ts';
import { toStored } from './stored-report.ts';
import { type Swept, sweepOrphans } from './sweep.ts';

export interface IndexedReport {
  /** Reads it. */
  json(): Promise<string>;
  readonly state: string;
  /** Whether indexing the manifest again in this state would give the same report. */
  readonly current: boolean;
}

export interface Indexer {
  /** Indexer state: changes when clients should submit manifests again. */
  readonly state: string;
  /**
   * Indexes `manifest` unless a current report is stored. Returns the report as JSON.
   * Throws `bad-layer`, `bad-layer-url`, `layer-refused`, `layer-unavailable` or `layer-limit` if a layer fails; the report of
   * that failure is stored as well.
   */
  index(manifest: Manifest, options: IndexOptions): Promise<string>;
  /** Returns the stored report as JSON, finished or not; undefined if the manifest was never submitted. */
  report(digest: Digest): Promise<IndexedReport | undefined>;
  /** Stores that `manifest` could not be indexed. Does not replace a finished report. */
  giveUp(manifest: Manifest, reason: string): Promise<void>;
  /** Returns the finished report as JSON; undefined if none exists. */
  indexReport(digest: Digest): Promise<string | undefined>;
  /** Returns the same with its version, and without the JSON if the version is `known`. */
  newerReport(digest: Digest, known: string | undefined): Promise<VersionedReport | undefined>;
  /**
   * Returns the manifests that the vulnerabilities (Clair's JSON) affect. Throws `bad-request` if one cannot be read.
   * Manifests whose lookups an earlier release stored are matched by those until `fillLookups` has replaced them.
   */
  affectedManifests(vulnerabilities: readonly unknown[], options: PageOptions): Promise<AffectedManifests>;
  /** Returns the same for the advisories of a matcher in this process. An advisory in a scope of no ecosystem is a problem in the result. */
  manifestsAffectedBy(advisories: readonly AdvisoryFacts[], options: PageOptions): Promise<AffectedAnswer>;
  /** Replaces lookups that earlier releases stored; all replicas share the work. */
  fillLookups(signal: AbortSignal): Promise<void>;
  /** Returns the number of manifests whose lookups are still to be replaced. */
  lookupsMissing(): Promise<number>;
  /** Stores names and labels of a manifest, indexed or not. */
  saveNames(digest: Digest, said: SaidOfManifest): Promise<void>;
  /** Deletes `names` of a manifest; undefined: all of them. */
  deleteNames(digest: Digest, names: readonly string[] | undefined): Promise<void>;
  /** Deletes names, older than a week, of manifests that were never submitted. */
  forgetNames(): Promise<void>;
  /** Returns the manifests that changed since an earlier answer (`loadManifestChanges`), at most `limit`. */
  manifests(after: string, limit: number): Promise<ManifestChanges>;
  /** Deletes manifests. Returns those that were known and are not being indexed. */
  delete(digests: readonly Digest[]): Promise<Digest[]>;
  /** Deletes data that only deleted manifests used. Returns undefined if another replica does so. */
  sweep(signal: AbortSignal): Promise<Swept | undefined>;
}

export interface IndexerParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly scanner: Pick<LayerScanner, 'scan'>;
  readonly log: Log;
  readonly now?: () => Date;
  /** Where documents are stored. Default: in their rows. */
  readonly documents?: StoredDocuments;
  /** Whether lookups are stored in sets and layers with short names, which older releases do not see. Default: no. */
  readonly compact?: boolean;
  /** How resolvers complete detections with data from the network. */
  readonly resolving?: Omit<ResolveOptions, 'log'>;
}

export function createIndexer({
  db,
  ecosystems,
  scanner,
  log,
  now = () => new Date(),
  documents = inRows,
  compact = false,
  resolving,
}: IndexerParts): Indexer {
  const resolve = resolveDetections(ecosystems, { ...resolving, log });
  const state = indexerState(ecosystems);
  const detectors = ecosystems.flatMap((ecosystem) => ecosystem.detectors);
  const indexing = { db, documents, ecosystems, compact, detectors, scanner, resolve, state, log };
  const lookups = storedLookups({ db, documents, ecosystems, compact, log });
  return {
    state,
    index: (manifest, options) => indexManifest(indexing, manifest, options),
    async report(digest) {
      const stored = await loadReport(db, digest);
      if (stored === undefined) return undefined;
      const current = stored.state === 'IndexFinished' && stored.indexerState === state;
      return { json: () => documents.read(stored.report), state: stored.state, current };
    },
    async giveUp(manifest, reason) {
      const failed = { ...emptyReport(manifest.hash, 'IndexError'), err: reason };
      await db.transaction(async (tx) => {
        await saveManifest(tx, manifest);
        await saveProgress(tx, manifest.hash, toStored(failed, state));
      });
    },
    async indexReport(digest) {
      const stored = await loadReport(db, digest);
      return stored?.state === 'IndexFinished' ? await documents.read(stored.report) : undefined;
    },
    newerReport: (digest, known) => loadNewerReport(db, documents, digest, known),
    async affectedManifests(vulnerabilities, options) {
      const byVersion = await lookups.areMixed(options.signal);
      return affectedManifests(db, ecosystems, { vulnerabilities, byVersion }, options);
    },
    async manifestsAffectedBy(advisories, options) {
      const byVersion = await lookups.areMixed(options.signal);
      const problems: Problem[] = [];
      const asked = advisories.map((advisory) => {
        const ordered = orderedAdvisory(ecosystems, advisory);
        const where = `${advisory.scope}: ${advisory.name}`;
        if (ordered === undefined)
          problems.push({ source: 'indexer', where, reason: 'no ecosystem has this scope' });
        return ordered === undefined || advisory.assertsUnaffected ? [] : [ordered];
      });
      return { problems, pages: () => affectedPages(db, ecosystems, { asked, byVersion }, options) };
    },
    fillLookups: (signal) => lookups.fill(signal),
    lookupsMissing: () => lookups.missing(),
    saveNames: (digest, said) => saveNames(db, digest, said, now()),
    deleteNames: (digest, names) => deleteNames(db, digest, names),
    forgetNames: () => deleteOldNames(db, now()),
    manifests: (after, limit) => loadManifestChanges(db, after, limit),
    delete: (digests) => forgetManifests(db, digests),
    sweep: (signal) => sweepOrphans(db, signal),
  };
}
