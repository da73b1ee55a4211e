/** The one pass over a layer's archive: all detectors at once, each content read at most once. */

import type { Detector } from '../../contract/detector.ts';
import type { LayerReference } from '../../model/manifest.ts';
import type { TarContent } from '../tar/content.ts';
import { type OnEntry, TarReader } from '../tar/tar.ts';
import { DetectorRun } from './detector-run.ts';
import { type FetchOptions, fetchLayer } from './fetch-layer.ts';
import { Inspection } from './inspection.ts';
import { KeptFiles } from './kept-files.ts';
import { LayerCollector } from './layer-collector.ts';
import type { LayerScan } from './layer-scan.ts';
import type { Wanted } from './wanted-entries.ts';

export interface WalkOptions extends FetchOptions {
  /** Where big files are held meanwhile; default `TMPDIR` or /var/tmp. */
  readonly spillDirectory?: string;
}

/** One more entry costs as much as this many bytes of extended headers. */
const EXTENDED_OF_AN_ENTRY = 512;

/**
 * Reads the layer and has `detectors` look at it. Only where a wanted link leads to a file that had passed by already is
 * the layer read a second time. Throws `layer-unavailable`, `bad-layer` or `layer-limit`; all else is a problem in the detections.
 */
export async function walkLayer(
  reference: LayerReference,
  detectors: readonly Detector[],
  options: WalkOptions,
): Promise<LayerScan> {
  const { budget, spillDirectory } = options;
  const runs = detectors.map((detector) => new DetectorRun(detector, budget));
  const collector = new LayerCollector(runs, budget);
  using kept = new KeptFiles(budget.limits, spillDirectory);
  using inspection = new Inspection(budget.limits, spillDirectory);

  let ordinal = 0;
  await readArchive(reference, options, (entry) => {
    const wanted = collector.add(entry, ordinal++);
    return wanted && contentFor(wanted, collector, kept, inspection);
  });

  const missing = collector.missing();
  if (missing.size > 0) {
    budget.restart();
    let again = 0;
    await readArchive(reference, options, (entry) => {
      const ordinal = again++;
      return missing.has(ordinal) ? keep(ordinal, entry.size, entry.mode, collector, kept) : undefined;
    });
  }
  return collector.detections(reference.hash);
}

async function readArchive(
  reference: LayerReference,
  options: FetchOptions,
  onEntry: OnEntry,
): Promise<void> {
  const { budget } = options;
  const reader = new TarReader(
    onEntry,
    (bytes) => budget.unpacked(bytes),
    (bytes) => budget.entry(Math.ceil(bytes / EXTENDED_OF_AN_ENTRY)),
  );
  await fetchLayer(reference, options, reader);
}

function contentFor(
  { entry, ordinal, keep: isKept, inspectors }: Wanted,
  collector: LayerCollector,
  kept: KeptFiles,
  inspection: Inspection,
): TarContent | undefined {
  const { runnable } = collector;
  const head = runnable.begin(entry, ordinal);
  const keeping = isKept ? keep(ordinal, entry.size, entry.mode, collector, kept) : undefined;
  const inspecting =
    inspectors.length > 0
      ? inspection.begin(entry, inspectors, (file) => runnable.whole(file, ordinal))
      : undefined;
  if (keeping === undefined && inspecting === undefined) return head;
  return both(
    head,
    keeping === undefined || inspecting === undefined ? (keeping ?? inspecting!) : both(inspecting, keeping),
  );
}

/** Hands on to either as long as it wants. */
function both(first: TarContent, second: TarContent): TarContent {
  let [isFirst, isSecond] = [true, true];
  return {
    data(piece) {
      isFirst &&= first.data(piece);
      isSecond &&= second.data(piece);
      return isFirst || isSecond;
    },
    end() {
      if (isFirst) first.end();
      if (isSecond) second.end();
    },
  };
}

function keep(
  ordinal: number,
  size: number,
  mode: number,
  collector: LayerCollector,
  kept: KeptFiles,
): TarContent | undefined {
  const writer = kept.begin(size);
  if (typeof writer === 'string') {
    collector.refuse(ordinal, writer);
    return undefined;
  }
  return {
    data(piece) {
      writer.data(piece);
      return true;
    },
    end: () => collector.keep(ordinal, writer.done(mode)),
  };
}
