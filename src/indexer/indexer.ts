/** The indexer: a manifest goes in, a stored IndexReport comes out. */

import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Database } from '../db/database.ts';
import { AppError, messageOf } from '../errors.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import type { Log } from '../lib/log.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexReport } from '../model/index-report.ts';
import { toWire } from '../model/index-report-wire.ts';
import type { Manifest } from '../model/manifest.ts';
import { type AffectedManifests, affectedManifests } from './affected-manifests.ts';
import { emptyReport } from './empty-report.ts';
import { indexerState } from './indexer-state.ts';
import type { LayerScanner } from './layer-scanner.ts';
import { fillFindings, findingsOf, findingsRevision } from './manifest-findings.ts';
import { mergeLayers } from './merge-layers.ts';
import { type ResolveOptions, resolveFindings } from './resolve-findings.ts';
import { type IndexOptions, isVolatile, scanLayers } from './scan-layers.ts';
import { deleteManifests } from './store/delete-manifests.ts';
import { loadNewerReport, type VersionedReport } from './store/load-newer-report.ts';
import { loadReport } from './store/load-report.ts';
import { dropFindings, saveFindings } from './store/save-findings.ts';
import { saveManifest } from './store/save-manifest.ts';
import { saveProgress, saveReport } from './store/save-report.ts';

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
   * What older programs have not stored of their manifests is stored first.
   */
  affectedManifests(vulnerabilities: readonly unknown[], signal: AbortSignal): Promise<AffectedManifests>;
  /** Stores that now: later it would be done at the first question. */
  fillFindings(signal: AbortSignal): Promise<void>;
  /** Forgets manifests; gives those that were known and are not being indexed at the moment. */
  delete(digests: readonly Digest[]): Promise<Digest[]>;
}

export interface IndexerParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly scanner: Pick<LayerScanner, 'scan'>;
  readonly log: Log;
  /** How what detectors found is completed. */
  readonly resolving?: Omit<ResolveOptions, 'log'>;
}

/** ms after which manifests without findings are looked for again: an older program may still write some. */
const FILLED = 10 * 60_000;

export function createIndexer({ db, ecosystems, scanner, log, resolving }: IndexerParts): Indexer {
  const resolve = resolveFindings(ecosystems, { ...resolving, log });
  const state = indexerState(ecosystems);
  const detectors = ecosystems.flatMap((ecosystem) => ecosystem.detectors);

  async function index(manifest: Manifest, options: IndexOptions): Promise<string> {
    await using lock = await db.lock(manifest.hash, { signal: options.signal });
    const stored = await loadReport(db, manifest.hash);
    const cached = !manifest.layers.some(isVolatile);
    if (cached && stored?.state === 'IndexFinished' && stored.indexerState === state) return stored.report;

    const signal = AbortSignal.any([options.signal, lock.signal]);
    log.info('index start', { manifest: manifest.hash, layers: manifest.layers.length });
    await db.transaction((tx) => saveManifest(tx, manifest));
    await saveProgress(db, manifest.hash, toStored(emptyReport(manifest.hash, 'ScanLayers'), state));
    let layers: LayerScan[];
    try {
      layers = await scanLayers({ db, scanner, detectors }, manifest, { ...options, signal });
    } catch (error) {
      if (signal.aborted) throw signal.reason; // the next submission starts again; nothing to tell of the image
      const inner =
        error instanceof AppError
          ? error
          : new AppError('internal-error', messageOf(error), { cause: error });
      const err = `failed to fetch layers: fetcher: encountered errors: ${inner.message}`;
      const failed = { ...emptyReport(manifest.hash, 'IndexError'), err };
      await db.transaction(async (tx) => {
        await saveReport(tx, manifest.hash, toStored(failed, state));
        await dropFindings(tx, manifest.hash);
      });
      log.info('index failed', { manifest: manifest.hash, reason: err });
      throw new AppError(inner.code, `failed to start scan: ${err}`, { cause: error });
    }
    const resolved = await resolve(layers, signal);
    const report: IndexReport = {
      ...emptyReport(manifest.hash, 'IndexFinished'),
      success: true,
      ...mergeLayers(ecosystems, resolved),
    };
    // What could not be had just now is asked for again when the manifest is submitted again.
    // differs: no failure outside of the image is recorded as if the image had been seen whole (indexing.md §9.14)
    const finished = toStored(report, resolved.some(isIncomplete) ? `${state} incomplete` : state);
    const findings = findingsOf(report, ecosystems);
    await db.transaction(async (tx) => {
      await saveReport(tx, manifest.hash, finished);
      await saveFindings(tx, manifest.hash, findingsRevision(ecosystems), findings);
    });
    log.info('index done', {
      manifest: manifest.hash,
      packages: report.packages.length,
      problems: report.problems.length,
    });
    return finished.report;
  }

  let filledAt = Number.NEGATIVE_INFINITY;
  async function fill(signal: AbortSignal): Promise<void> {
    if (performance.now() - filledAt < FILLED) return;
    const start = performance.now();
    await fillFindings({ db, ecosystems, log }, signal);
    filledAt = start;
  }

  /** One that is being indexed stays: what its indexer stores next would belong to no manifest. */
  async function forget(digests: readonly Digest[]): Promise<Digest[]> {
    const deleted: Digest[] = [];
    for (const digest of new Set(digests)) {
      await using lock = await db.tryLock(digest);
      if (lock === undefined) continue;
      deleted.push(...(await db.transaction((tx) => deleteManifests(tx, [digest]))));
    }
    return deleted;
  }

  return {
    state,
    index,
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
    async affectedManifests(vulnerabilities, signal) {
      await fill(signal);
      return await affectedManifests(db, ecosystems, vulnerabilities);
    },
    fillFindings: fill,
    delete: forget,
  };
}

function isIncomplete({ found }: LayerScan): boolean {
  return found.some((item) => item.found === 'problem' && item.passing);
}

function toStored(
  report: IndexReport,
  indexer: string,
): { state: string; indexerState: string; report: string } {
  return { state: report.state, indexerState: indexer, report: JSON.stringify(toWire(report)) };
}
