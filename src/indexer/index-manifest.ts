/** Indexes one manifest: layers are scanned, what they have is resolved and merged, and the report is stored. */

import type { Detector } from '../contract/detector.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Database } from '../db/database.ts';
import { AppError, isOutage, messageOf, toldOf } from '../errors.ts';
import type { LayerScan } from '../image/layer/layer-scan.ts';
import type { Log } from '../lib/log.ts';
import type { IndexReport } from '../model/index-report.ts';
import type { Manifest } from '../model/manifest.ts';
import { isMissing, type StoredDocuments } from './documents/documents.ts';
import { emptyReport } from './empty-report.ts';
import type { LayerScanner } from './layer-scanner.ts';
import { lookupsRevision, manifestLookupsOf } from './manifest-lookups.ts';
import { mergeLayers } from './merge-layers.ts';
import type { ResolveDetections } from './resolve-detections.ts';
import { type IndexOptions, isVolatile, scanLayers } from './scan-layers.ts';
import { loadReport } from './store/load-report.ts';
import { dropLookups, saveLookups } from './store/save-lookups.ts';
import { saveManifest } from './store/save-manifest.ts';
import { saveProgress, saveReport } from './store/save-report.ts';
import { toStored } from './stored-report.ts';

export interface IndexManifestParts {
  readonly db: Database;
  readonly documents: StoredDocuments;
  readonly ecosystems: readonly Ecosystem[];
  /** Whether lookups are stored in sets, and layers with short names. */
  readonly compact: boolean;
  readonly detectors: readonly Detector[];
  readonly scanner: Pick<LayerScanner, 'scan'>;
  /** Completes what detectors found. */
  readonly resolve: ResolveDetections;
  /** Of this indexer: changes when manifests should be submitted again. */
  readonly state: string;
  readonly log: Log;
}

/**
 * Returns the report as JSON; that which is stored if this indexer has made it, without waiting. One process at a time
 * indexes a manifest.
 * Throws what made it fail (`bad-layer`, `layer-unavailable`, `layer-limit` and so on); that report is stored too.
 */
export async function indexManifest(
  parts: IndexManifestParts,
  manifest: Manifest,
  options: IndexOptions,
): Promise<string> {
  const { db, documents, compact, state, log, resolve } = parts;
  const known = async (): Promise<string | undefined> => {
    if (manifest.layers.some(isVolatile)) return undefined;
    const stored = await loadReport(db, manifest.hash);
    if (stored?.state !== 'IndexFinished' || stored.indexerState !== state) return undefined;
    try {
      return await documents.read(stored.report);
    } catch (error) {
      if (!isMissing(error)) throw error;
      log.warn('stored report is missing: the manifest is indexed again', { reason: messageOf(error) });
      return undefined;
    }
  };
  options.signal.throwIfAborted();
  // Who submits again what is known waits for nobody; behind the lock somebody else may have indexed it meanwhile.
  const before = await known();
  if (before !== undefined) return before;
  await using lock = await db.lock(manifest.hash, { signal: options.signal });
  const meanwhile = await known();
  if (meanwhile !== undefined) return meanwhile;

  const signal = AbortSignal.any([options.signal, lock.signal]);
  log.info('index start', { manifest: manifest.hash, layers: manifest.layers.length });
  await db.transaction((tx) => saveManifest(tx, manifest, compact));
  await saveProgress(db, manifest.hash, toStored(emptyReport(manifest.hash, 'ScanLayers'), state));
  let layers: LayerScan[];
  try {
    layers = await scanLayers(parts, manifest, { ...options, signal });
  } catch (error) {
    if (signal.aborted) throw signal.reason; // the next submission starts again; nothing to tell of the image
    if (isOutage(error)) throw error;
    throw await saveFailure(parts, manifest, error);
  }
  return await saveSuccess(parts, manifest, await resolve(layers, signal));
}

/** Stores that the layers could not be had; returns what to throw. */
async function saveFailure(
  { db, compact, state, log }: IndexManifestParts,
  manifest: Manifest,
  error: unknown,
): Promise<AppError> {
  const { hash } = manifest;
  const code = error instanceof AppError ? error.code : 'internal-error';
  const failed = (reason: string): string => `failed to fetch layers: fetcher: encountered errors: ${reason}`;
  const err = failed(toldOf(error));
  const reason = failed(messageOf(error));
  await db.transaction(async (tx) => {
    await saveReport(tx, hash, toStored({ ...emptyReport(hash, 'IndexError'), err }, state));
    await dropLookups(tx, hash);
    // The names that each release reads: a change of the setting renames those of finished reports alone.
    if (compact) await saveManifest(tx, manifest);
  });
  log.info('index failed', { manifest: hash, reason });
  return new AppError(code, `failed to start scan: ${reason}`, { cause: error });
}

/** Stores the report of `layers` and what is looked up of it; returns the report's JSON. */
async function saveSuccess(
  { db, documents, ecosystems, compact, state, log }: IndexManifestParts,
  { hash }: Manifest,
  layers: readonly LayerScan[],
): Promise<string> {
  const report: IndexReport = {
    ...emptyReport(hash, 'IndexFinished'),
    success: true,
    ...mergeLayers(ecosystems, layers),
  };
  // What could not be had just now is asked for again when the manifest is submitted again.
  // differs: no failure outside of the image is recorded as if the image had been seen whole (clair-indexing.md#recorded-failures)
  const finished = toStored(report, layers.some(isIncomplete) ? `${state} incomplete` : state);
  const lookups = manifestLookupsOf(report, ecosystems, { compact });
  const held = await documents.write(finished.report);
  await db.transaction(async (tx) => {
    await saveReport(tx, hash, { ...finished, report: held });
    await saveLookups(tx, lookupsRevision(ecosystems, compact), [lookups]);
  });
  const [packages, problems] = [report.packages.length, report.problems.length];
  log.info('index done', { manifest: hash, packages, problems });
  return finished.report;
}

function isIncomplete({ found }: LayerScan): boolean {
  return found.some((item) => item.found === 'problem' && item.passing);
}
