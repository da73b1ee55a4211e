/** What one pass over a layer came to. */
import type { LayerFindings } from '../ecosystems/contract.ts';

export interface LayerScan extends LayerFindings {
  /** Of the layer itself, whoever looks at it: an unreadable directory, a path over the limit. */
  readonly problems: readonly LayerProblem[];
}

export interface LayerProblem {
  readonly where: string;
  readonly reason: string;
}
