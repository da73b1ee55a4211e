/** An image indexed by this process, for a matcher elsewhere: no database, nothing kept. */

import { tmpdir } from 'node:os';
import { ecosystems } from '../../ecosystems/index.ts';
import { openTarget, type RegistryFlags } from '../../image/open-target.ts';
import { indexOnce } from '../../indexer/index-once.ts';
import { LayerScanner } from '../../indexer/layer-scanner.ts';
import type { ScannerConfig } from '../../indexer/resolve-detections.ts';
import { counted } from '../../lib/counted.ts';
import { noLog } from '../../lib/log.ts';
import { type Digest, parseDigest } from '../../model/digest.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';
import { readTargetWord } from '../foreign/targets.ts';
import { withNothingFound } from '../outcome/nothing-found.ts';
import { createMeter } from '../terminal/meter.ts';
import type { Progress } from '../terminal/progress.ts';
import { openSbom } from './sbom-target.ts';

export interface IndexHereOptions {
  readonly registry: RegistryFlags;
  readonly platform?: string;
  /** `indexer.scanner` of the server's configuration. */
  readonly scanner?: ScannerConfig | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** What was found in an image or SBOM. */
export interface IndexedHere {
  readonly digest: Digest;
  /** Of the index report. */
  readonly json: string;
}

/** The index report of whatever `scan` can read. Throws `bad-target`, or what made it fail. */
export async function indexHere(
  given: string,
  { registry, platform, scanner: config, progress, signal }: IndexHereOptions,
): Promise<IndexedHere> {
  const name = await readTargetWord(given);
  const sbom = await openSbom(name, process.stdin);
  if (sbom !== undefined) {
    const { index } = sbom;
    const digest = parseDigest(index.manifest_hash);
    return { digest, json: JSON.stringify(withNothingFound(sbom, index)) };
  }
  const options = {
    ...(platform !== undefined && { platform }),
    signal,
    spoolDir: tmpdir(),
    env: process.env,
    registry,
    note: progress.note,
  };
  await using target = await openTarget(name, options);
  await using scanner = new LayerScanner({});
  const bytes = new Map<string, number>();
  const meter = createMeter('layers', 'bytes');
  const resolving = { log: noLog, scanner: config };
  const json = await indexOnce({ ecosystems, scanner, resolving }, target.manifest, {
    signal,
    allowLocal: true,
    onProgress: (layer) => {
      bytes.set(layer.layer, layer.bytes);
      const sum = [...bytes.values()].reduce((a, b) => a + b, 0);
      progress.show(
        `${meter({ done: sum })}; ${bytes.size} of ${counted(target.manifest.layers.length, 'layer')} begun`,
      );
    },
  });
  const index = withNothingFound(target, JSON.parse(json) as IndexReportWire);
  return { digest: target.manifest.hash, json: JSON.stringify(index) };
}
