/** The indexer: a manifest goes in, a stored IndexReport comes out. */

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
  readonly json: string;
  readonly state: string;
  /** Whether it is what this indexer would say, and will say as long as its state is the same. */
  readonly current: boolean;
}

export interface Indexer {
  /** Changes when manifests should be submitted again. */
  readonly state: string;
  /**
   * Indexes `manifest` unless this indexer has done so already; gives the report as JSON.
   * Throws what made it fail (`bad-layer`, `bad-layer-url`, `layer-refused`, `layer-unavailable`, `layer-limit`); that report
   * is stored too.
   */
  index(manifest: Manifest, options: IndexOptions): Promise<string>;
  /** The stored report as JSON, finished or not; undefined: never submitted. */
  report(digest: Digest): Promise<IndexedReport | undefined>;
  /** Stores that `manifest` could not be indexed, for a reason outside of it; a finished report stays. */
  giveUp(manifest: Manifest, reason: string): Promise<void>;
  /** The JSON of the finished report, as the matcher wants it. */
  indexReport(digest: Digest): Promise<string | undefined>;
  /** The same with its version, without the JSON if that is `known`. */
  newerReport(digest: Digest, known: string | undefined): Promise<VersionedReport | undefined>;
  /**
   * Which manifests these vulnerabilities affect, as Clair writes them in JSON. Throws `bad-request` if one is none.
   * Manifests of which an older program has stored what it looked up count as it did, until that is replaced.
   */
  affectedManifests(vulnerabilities: readonly unknown[], options: PageOptions): Promise<AffectedManifests>;
  /** The same for advisories of a matcher in this process, as they are. Those in a scope that no ecosystem has are problems. */
  manifestsAffectedBy(advisories: readonly AdvisoryFacts[], options: PageOptions): Promise<AffectedAnswer>;
  /** Replaces what older programs have stored of their manifests for that; all replicas share the work. */
  fillLookups(signal: AbortSignal): Promise<void>;
  /** Manifests of which that is still to be done. */
  lookupsMissing(): Promise<number>;
  /** Stores what clients say of a manifest, indexed or not: names, labels. */
  saveNames(digest: Digest, said: SaidOfManifest): Promise<void>;
  /** undefined: all names. */
  deleteNames(digest: Digest, names: readonly string[] | undefined): Promise<void>;
  /** Forgets names that were said a week ago of manifests that never came. */
  forgetNames(): Promise<void>;
  /** Which manifests have changed since an earlier answer, see `loadManifestChanges`. */
  manifests(after: string, limit: number): Promise<ManifestChanges>;
  /** Forgets manifests; gives those that were known and are not being indexed at the moment. */
  delete(digests: readonly Digest[]): Promise<Digest[]>;
  /** Sweeps what only deleted manifests had; undefined: another replica is at it. */
  sweep(signal: AbortSignal): Promise<Swept | undefined>;
}

export interface IndexerParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly scanner: Pick<LayerScanner, 'scan'>;
  readonly log: Log;
  readonly now?: () => Date;
  /** How what detectors found is completed. */
  readonly resolving?: Omit<ResolveOptions, 'log'>;
}

export function createIndexer({
  db,
  ecosystems,
  scanner,
  log,
  now = () => new Date(),
  resolving,
}: IndexerParts): Indexer {
  const resolve = resolveDetections(ecosystems, { ...resolving, log });
  const state = indexerState(ecosystems);
  const detectors = ecosystems.flatMap((ecosystem) => ecosystem.detectors);
  const indexing = { db, ecosystems, detectors, scanner, resolve, state, log };
  const lookups = storedLookups({ db, ecosystems, log });
  return {
    state,
    index: (manifest, options) => indexManifest(indexing, manifest, options),
    async report(digest) {
      const stored = await loadReport(db, digest);
      if (stored === undefined) return undefined;
      const current = stored.state === 'IndexFinished' && stored.indexerState === state;
      return { json: stored.report, state: stored.state, current };
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
      return stored?.state === 'IndexFinished' ? stored.report : undefined;
    },
    newerReport: (digest, known) => loadNewerReport(db, digest, known),
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
