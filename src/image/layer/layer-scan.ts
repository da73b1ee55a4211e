/** What one pass over a layer came to. */
import type { LayerDetections } from '../../contract/coalesce.ts';
import type { Detection } from '../../contract/detector.ts';
import type { Digest } from '../../model/digest.ts';
import type { AccountedFolder } from './layer-accounts.ts';

/** What a layer is whoever looks at it. */
export interface LayerFacts {
  /** As in `LayerDetections`. */
  readonly whiteouts: readonly string[];
  /** Of the layer itself: an unreadable directory, a path over the limit. */
  readonly problems: readonly LayerProblem[];
  /** The layer's paths, as `PathDigests` writes them. */
  readonly paths: string;
  /** Paths of packages that are files of the operating system's packages (`Detector.owns`), in byte order. */
  readonly owned: readonly string[];
  /** The files that can run, and who accounts for them. */
  readonly runnable: readonly AccountedFolder[];
}

export interface LayerScan extends LayerDetections, LayerFacts {}

/** A scan as it crosses threads and is stored: objects take several times the memory of their text. */
export interface WrittenScan {
  readonly layer: Digest;
  /** JSON of the facts. */
  readonly facts: string;
  /** By the detector's `id:revision:kind`, JSON of the list of what it found. One that found nothing is not in it. */
  readonly found: ReadonlyMap<string, string>;
}

export interface LayerProblem {
  readonly where: string;
  readonly reason: string;
}

const NO_FACTS: LayerFacts = { whiteouts: [], problems: [], paths: '', owned: [], runnable: [] };

/** Writes a scan, whose detections of each detector come after each other. */
export function writeScan({ layer, found, ...facts }: LayerScan): WrittenScan {
  const written = new Map<string, string[]>();
  for (const { detector, ...each } of found) {
    const texts = written.get(detector) ?? [];
    written.set(detector, texts);
    texts.push(JSON.stringify(each));
  }
  return {
    layer,
    facts: JSON.stringify(facts),
    found: new Map([...written].map(([detector, texts]) => [detector, `[${texts.join(',')}]`])),
  };
}

/** Reads what `writeScan` gave; without `facts` it is a layer of nothing but detections. */
export function readScan({ layer, facts, found: written }: WrittenScan): LayerScan {
  const found: (Detection & { detector: string })[] = [];
  for (const [detector, text] of written) {
    for (const each of JSON.parse(text) as Detection[]) found.push(Object.assign(each, { detector }));
  }
  return { layer, ...(facts === '' ? NO_FACTS : (JSON.parse(facts) as LayerFacts)), found };
}
