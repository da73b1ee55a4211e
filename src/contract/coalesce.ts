/** The combination of layers. */
import type { Digest } from '../model/digest.ts';
import type { IndexedPackage } from '../model/index-report.ts';
import type { LinkedProgram } from '../model/linked-code.ts';
import type { Distribution, Repository } from '../model/package.ts';
import type { Detection } from './detector.ts';

/** A detection, with its detector's `id:revision:kind`. */
export type LayerDetection = Detection & { readonly detector: string };

/** The detections of one ecosystem in one layer. */
export interface LayerDetections {
  readonly layer: Digest;
  /** Paths that the layer removes from those below: `.wh.` entries, as the removed path; an opaque directory as `dir/` (the root: `/`). */
  readonly whiteouts: readonly string[];
  readonly found: readonly LayerDetection[];
}

/** Returns the packages, distributions and repositories of an image from its layers, base first. */
export type Coalesce = (layers: readonly LayerDetections[]) => Coalesced;

export interface Coalesced {
  readonly packages: readonly IndexedPackage[];
  readonly distributions: readonly Distribution[];
  readonly repositories: readonly Repository[];
  /** What programs were linked with; undefined: nothing is known of any. */
  readonly linked?: readonly LinkedProgram[];
}
