/** What one pass over a layer came to. */
import type { LayerDetections } from '../../contract/coalesce.ts';
import type { AccountedFolder } from './layer-accounts.ts';

export interface LayerScan extends LayerDetections {
  /** Of the layer itself, whoever looks at it: an unreadable directory, a path over the limit. */
  readonly problems: readonly LayerProblem[];
  /** The layer's paths, as `PathDigests` writes them. */
  readonly paths: string;
  /** Paths of packages that are files of the operating system's packages (`Detector.owns`), in byte order. */
  readonly owned: readonly string[];
  /** The files that can run, and who accounts for them. */
  readonly runnable: readonly AccountedFolder[];
}

export interface LayerProblem {
  readonly where: string;
  readonly reason: string;
}
