/** One image indexed without a database: nothing is kept, and nothing is known from before. */
import type { Ecosystem } from '../contract/ecosystem.ts';
import { type LayerScan, readScan } from '../image/layer/layer-scan.ts';
import { toWire } from '../model/index-report-wire.ts';
import type { Manifest } from '../model/manifest.ts';
import { emptyReport } from './empty-report.ts';
import type { LayerScanner } from './layer-scanner.ts';
import { mergeLayers } from './merge-layers.ts';
import { type ResolveOptions, resolveDetections } from './resolve-detections.ts';
import type { IndexOptions } from './scan-layers.ts';
import { settleFiles } from './settle-files.ts';

export interface IndexOnceParts {
  readonly ecosystems: readonly Ecosystem[];
  readonly scanner: Pick<LayerScanner, 'scan'>;
  /** How what detectors found is completed. */
  readonly resolving: ResolveOptions;
}

/** The JSON of the index report that an indexer would store. Throws what made it fail. */
export async function indexOnce(
  { ecosystems, scanner, resolving }: IndexOnceParts,
  manifest: Manifest,
  options: Omit<IndexOptions, 'onLayerDone'>,
): Promise<string> {
  const detectors = ecosystems.flatMap((ecosystem) => ecosystem.detectors);
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const layers = [...new Map(manifest.layers.map((layer) => [layer.hash, layer])).values()];
  const scans = new Map<string, LayerScan>();
  await Promise.all(
    layers.map(async (layer) => {
      try {
        const scan = await scanner.scan(layer, {
          detectors: detectors.map(({ id }) => id),
          signal,
          ...(options.allowLocal && { allowLocal: true }),
          ...(options.onProgress && {
            onProgress: ({ bytes }) => options.onProgress?.({ layer: layer.hash, bytes }),
          }),
        });
        scans.set(layer.hash, readScan(scan));
      } catch (error) {
        failure.abort(error); // the first reason stays
      }
    }),
  );
  failure.signal.throwIfAborted();
  const settled = settleFiles(
    manifest.layers.flatMap(({ hash }) => scans.get(hash) ?? []),
    detectors,
  );
  const resolved = await resolveDetections(ecosystems, resolving)(settled, options.signal);
  return JSON.stringify(
    toWire({
      ...emptyReport(manifest.hash, 'IndexFinished'),
      success: true,
      ...mergeLayers(ecosystems, resolved),
    }),
  );
}
