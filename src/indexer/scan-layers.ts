/** What all detectors find in each layer of a manifest: stored detections where there are, a scan for what is missing. */
import { createHash } from 'node:crypto';
import type { Detector } from '../contract/detector.ts';
import type { Database } from '../db/database.ts';
import { AppError } from '../errors.ts';
import { type LayerScan, readScan, type WrittenScan } from '../image/layer/layer-scan.ts';
import type { Digest } from '../model/digest.ts';
import type { LayerReference, Manifest } from '../model/manifest.ts';
import type { StoredDocuments } from './documents/documents.ts';
import { detectorKey } from './indexer-state.ts';
import type { LayerScanner } from './layer-scanner.ts';
import { settleFiles } from './settle-files.ts';
import { type LayerScanRow, loadLayerScans, saveLayerScans } from './store/layer-scans.ts';

/** Characters of JSON that the layers of an image may have together: some of the most that one may have. */
const MAX_FOUND = 128 * 1024 * 1024;

export interface IndexOptions {
  readonly signal: AbortSignal;
  /** Layers may be local files and directories: for our own command line, never for a client's request. */
  readonly allowLocal?: boolean;
  readonly onProgress?: (progress: { layer: Digest; bytes: number }) => void;
  /** Called once for each different layer, when all that is in it is known. */
  readonly onLayerDone?: (layer: Digest) => void;
}

export interface ScanParts {
  readonly db: Database;
  readonly documents: StoredDocuments;
  /** Whether layers are stored with their short names. */
  readonly compact: boolean;
  readonly scanner: Pick<LayerScanner, 'scan'>;
  readonly detectors: readonly Detector[];
}

/** One scan for each layer of `manifest`, in its order. Throws the first failure, when all scans have stopped. */
export async function scanLayers(
  { db, documents, compact, scanner, detectors }: ScanParts,
  manifest: Manifest,
  options: IndexOptions,
): Promise<LayerScan[]> {
  const idOf = new Map(detectors.map((detector) => [detectorKey(detector), detector.id]));
  const facts = factsKey(detectors);
  const wanted = [...idOf.keys(), facts];
  const layers = [...new Map(manifest.layers.map((layer) => [layer.hash, layer])).values()];
  const known = new Map<string, string>();
  let characters = 0;
  const remember = (rows: readonly LayerScanRow[]): void => {
    for (const { layer, detector, found } of rows) {
      known.set(`${layer} ${detector}`, found);
      characters += found.length;
    }
    if (characters > MAX_FOUND)
      throw new AppError('layer-limit', `the layers have more than ${MAX_FOUND} characters of detections`);
  };
  const stored = layers.filter((layer) => !isVolatile(layer)).map(({ hash }) => hash);
  remember(await loadLayerScans(db, documents, stored, wanted));

  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  await Promise.all(
    layers.map(async (layer) => {
      const missing = wanted.filter((key) => !known.has(`${layer.hash} ${key}`));
      if (missing.length === 0) {
        options.onLayerDone?.(layer.hash);
        return;
      }
      // Who owns what is told by all of them together.
      const asked = missing.includes(facts) ? [...missing, ...packageKeys(detectors)] : missing;
      try {
        const scan = await scanner.scan(layer, {
          detectors: [...new Set(asked.flatMap((key) => idOf.get(key) ?? []))],
          signal,
          ...(options.allowLocal && { allowLocal: true }),
          ...(options.onProgress && {
            onProgress: ({ bytes }) => options.onProgress?.({ layer: layer.hash, bytes }),
          }),
        });
        const rows = toRows(scan, missing, facts);
        // Stored at once: an image that is interrupted goes on from the layers that are done.
        if (!isVolatile(layer))
          await saveLayerScans(db, { documents, compact }, { layer: layer.hash, looked: wanted, rows });
        remember(rows);
        options.onLayerDone?.(layer.hash);
      } catch (error) {
        failure.abort(named(error, layer)); // the first reason stays
      }
    }),
  );
  failure.signal.throwIfAborted();

  const scans = manifest.layers.map(({ hash }) =>
    readScan({
      layer: hash,
      facts: known.get(`${hash} ${facts}`) ?? '',
      found: new Map(
        [...idOf.keys()].map((detector) => [detector, known.get(`${hash} ${detector}`) ?? '[]']),
      ),
    }),
  );
  known.clear();
  return settleFiles(scans, detectors);
}

/**
 * What a layer is whoever looks at it, and who owns which package, is stored beside the detectors' detections under this
 * name: of other detectors of packages others may be owned.
 */
function factsKey(detectors: readonly Detector[]): string {
  const digest = createHash('sha256').update(packageKeys(detectors).sort().join('\n')).digest('hex');
  return `layer:3-${digest.slice(0, 16)}:file`;
}

function packageKeys(detectors: readonly Detector[]): string[] {
  return detectors.filter(({ kind }) => kind === 'package').map(detectorKey);
}

/** The error with the layer that it is about: a manifest has many. */
function named(error: unknown, { hash }: LayerReference): unknown {
  if (!(error instanceof AppError) || error.message.includes(hash)) return error;
  return new AppError(error.code, `${error.message} (layer ${hash})`, { cause: error });
}

/** A directory is another one at each look: nothing of it is kept. */
export function isVolatile(layer: LayerReference): boolean {
  return layer.uri.startsWith('dir:');
}

function toRows(scan: WrittenScan, detectors: readonly string[], facts: string): LayerScanRow[] {
  return detectors.map((detector) => ({
    layer: scan.layer,
    detector,
    found: detector === facts ? scan.facts : (scan.found.get(detector) ?? '[]'),
  }));
}
