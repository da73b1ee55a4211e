/** The indexer: a manifest goes in, a stored IndexReport comes out. */
import type { Database } from '../db/database.ts';
import type { Ecosystem, Found, LayerFindings } from '../ecosystems/contract.ts';
import { AppError, messageOf } from '../errors.ts';
import type { Log } from '../lib/log.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexReport, IndexState } from '../model/index-report.ts';
import { type IndexReportWire, toWire } from '../model/index-report-wire.ts';
import type { LayerReference, Manifest } from '../model/manifest.ts';
import { detectorKey, indexerState } from './indexer-state.ts';
import type { LayerScanner } from './layer-scanner.ts';
import { mergeLayers } from './merge-layers.ts';
import { deleteManifests } from './store/delete-manifests.ts';
import {
  type LayerScanFindings,
  type LayerScanRow,
  loadLayerScans,
  saveLayerScans,
} from './store/layer-scans.ts';
import { loadReport } from './store/load-report.ts';
import { saveManifest } from './store/save-manifest.ts';
import { saveProgress, saveReport } from './store/save-report.ts';

export interface Indexer {
  /** Changes when manifests should be submitted again. */
  readonly state: string;
  /**
   * Indexes `manifest` unless this indexer has done so already; gives the report as JSON.
   * Throws what made it fail (`bad-layer`, `layer-unavailable`, `layer-limit`); that report is stored too.
   */
  index(manifest: Manifest, options: IndexOptions): Promise<string>;
  /** The stored report as JSON, finished or not; undefined: never submitted. */
  report(digest: Digest): Promise<{ json: string; state: string } | undefined>;
  /** The finished report as the matcher wants it. */
  indexReport(digest: Digest): Promise<IndexReportWire | undefined>;
  /** Forgets manifests; gives those that were known. */
  delete(digests: readonly Digest[]): Promise<Digest[]>;
}

export interface IndexOptions {
  readonly signal: AbortSignal;
  /** Layers may be local files and directories: for our own command line, never for a client's request. */
  readonly allowLocal?: boolean;
  readonly onProgress?: (progress: { layer: Digest; bytes: number }) => void;
}

export interface IndexerParts {
  readonly db: Database;
  readonly ecosystems: readonly Ecosystem[];
  readonly scanner: Pick<LayerScanner, 'scan'>;
  readonly log: Log;
}

/** Whiteouts are not a detector's, but stored beside them under this name. */
const WHITEOUT = 'whiteout:1:file';

export function createIndexer({ db, ecosystems, scanner, log }: IndexerParts): Indexer {
  const state = indexerState(ecosystems);
  const detectors = ecosystems.flatMap((ecosystem) => ecosystem.detectors);
  const idOf = new Map(detectors.map((detector) => [detectorKey(detector), detector.id]));
  const wantedKeys = [...idOf.keys(), WHITEOUT];

  async function index(manifest: Manifest, options: IndexOptions): Promise<string> {
    await using lock = await db.lock(manifest.hash, { signal: options.signal });
    const stored = await loadReport(db, manifest.hash);
    const cached = !manifest.layers.some(isVolatile);
    if (cached && stored?.state === 'IndexFinished' && stored.indexerState === state) return stored.report;

    const signal = AbortSignal.any([options.signal, lock.signal]);
    log.info('index start', { manifest: manifest.hash, layers: manifest.layers.length });
    await db.transaction((tx) => saveManifest(tx, manifest));
    await saveProgress(db, manifest.hash, toStored(emptyReport(manifest.hash, 'ScanLayers'), state));
    let layers: LayerFindings[];
    try {
      layers = await scanLayers(manifest, { ...options, signal });
    } catch (error) {
      if (signal.aborted) throw signal.reason; // the next submission starts again; nothing to tell of the image
      const inner =
        error instanceof AppError
          ? error
          : new AppError('internal-error', messageOf(error), { cause: error });
      const err = `failed to fetch layers: fetcher: encountered errors: ${inner.message}`;
      const failed = { ...emptyReport(manifest.hash, 'IndexError'), err };
      await saveReport(db, manifest.hash, toStored(failed, state));
      log.info('index failed', { manifest: manifest.hash, reason: err });
      throw new AppError(inner.code, `failed to start scan: ${err}`, { cause: error });
    }
    const report: IndexReport = {
      ...emptyReport(manifest.hash, 'IndexFinished'),
      success: true,
      ...mergeLayers(ecosystems, layers),
    };
    const finished = toStored(report, state);
    await saveReport(db, manifest.hash, finished);
    log.info('index done', {
      manifest: manifest.hash,
      packages: report.packages.length,
      problems: report.problems.length,
    });
    return finished.report;
  }

  /** What all detectors find in each layer: stored findings where there are, a scan for what is missing. */
  async function scanLayers(manifest: Manifest, options: IndexOptions): Promise<LayerFindings[]> {
    const distinct = new Map<Digest, LayerReference>(manifest.layers.map((layer) => [layer.hash, layer]));
    const known = new Map<string, LayerScanFindings>();
    const remember = (rows: readonly LayerScanRow[]): void => {
      for (const { layer, detector, findings } of rows) known.set(`${layer} ${detector}`, findings);
    };
    remember(
      await loadLayerScans(
        db,
        [...distinct.values()].filter((layer) => !isVolatile(layer)).map(({ hash }) => hash),
        wantedKeys,
      ),
    );

    const failure = new AbortController();
    const signal = AbortSignal.any([options.signal, failure.signal]);
    const scans = [...distinct.values()].map(async (layer) => {
      const missing = wantedKeys.filter((key) => !known.has(`${layer.hash} ${key}`));
      if (missing.length === 0) return;
      const scanned = await scanner.scan(layer, {
        detectors: missing.flatMap((key) => idOf.get(key) ?? []),
        signal,
        ...(options.allowLocal && { allowLocal: true }),
        ...(options.onProgress && {
          onProgress: ({ bytes }: { bytes: number }) => options.onProgress?.({ layer: layer.hash, bytes }),
        }),
      });
      const rows = toRows(scanned, missing);
      // Stored at once: an image that is interrupted goes on from the layers that are done.
      if (!isVolatile(layer)) await saveLayerScans(db, rows);
      remember(rows);
    });
    // The first failure ends the others, but all have stopped before the manifest is given up.
    const [failed] = (
      await Promise.allSettled(
        scans.map((scan) =>
          scan.catch((error: unknown) => {
            if (!failure.signal.aborted) failure.abort(error);
            throw error;
          }),
        ),
      )
    ).filter((result) => result.status === 'rejected');
    if (failed !== undefined) throw failure.signal.reason ?? failed.reason;

    return manifest.layers.map(({ hash }) => ({
      layer: hash,
      whiteouts: whiteoutsOf(known.get(`${hash} ${WHITEOUT}`)),
      found: [...idOf.keys()].flatMap((detector) =>
        foundOf(known.get(`${hash} ${detector}`)).map((found) => ({ ...found, detector })),
      ),
    }));
  }

  return {
    state,
    index,
    async report(digest) {
      const stored = await loadReport(db, digest);
      return stored && { json: stored.report, state: stored.state };
    },
    async indexReport(digest) {
      const stored = await loadReport(db, digest);
      return stored?.state === 'IndexFinished' ? (JSON.parse(stored.report) as IndexReportWire) : undefined;
    },
    delete: (digests) => db.transaction((tx) => deleteManifests(tx, digests)),
  };
}

/** A directory is another one at each look: nothing of it is kept. */
function isVolatile(layer: LayerReference): boolean {
  return layer.uri.startsWith('dir:');
}

function emptyReport(manifestHash: Digest, state: IndexState): IndexReport {
  return {
    manifestHash,
    state,
    success: false,
    err: '',
    packages: [],
    distributions: [],
    repositories: [],
    problems: [],
  };
}

function toStored(
  report: IndexReport,
  indexer: string,
): { state: string; indexerState: string; report: string } {
  return { state: report.state, indexerState: indexer, report: JSON.stringify(toWire(report)) };
}

function toRows(scanned: LayerFindings, detectors: readonly string[]): LayerScanRow[] {
  return detectors.map((detector) => ({
    layer: scanned.layer,
    detector,
    findings:
      detector === WHITEOUT
        ? { whiteouts: scanned.whiteouts }
        : scanned.found
            .filter((found) => found.detector === detector)
            .map(({ detector: _, ...found }) => found as Found),
  }));
}

function whiteoutsOf(findings: LayerScanFindings | undefined): readonly string[] {
  return findings !== undefined && 'whiteouts' in findings ? findings.whiteouts : [];
}

function foundOf(findings: LayerScanFindings | undefined): readonly Found[] {
  return findings === undefined || 'whiteouts' in findings ? [] : findings;
}
