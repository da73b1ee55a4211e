/** The indexer's answer about one manifest. */
import type { Digest } from './digest.ts';
import type { Ledger } from './ledger.ts';
import type { LinkedProgram } from './linked-code.ts';
import type { Distribution, Environment, Package, Problem, Repository } from './package.ts';

export const INDEX_STATES = [
  'CheckManifest',
  'FetchLayers',
  'ScanLayers',
  'Coalesce',
  'IndexManifest',
  'IndexError',
  'IndexFinished',
] as const;

export type IndexState = (typeof INDEX_STATES)[number];

/** A package and where it is installed; at least one environment. */
export interface IndexedPackage {
  readonly package: Package;
  readonly environments: readonly Environment[];
}

export interface IndexReport {
  readonly manifestHash: Digest;
  readonly state: IndexState | '';
  readonly success: boolean;
  readonly err: string;
  /** In a fixed order: the same image gives the same list. */
  readonly packages: readonly IndexedPackage[];
  readonly distributions: readonly Distribution[];
  readonly repositories: readonly Repository[];
  readonly problems: readonly Problem[];
  /** undefined: nobody has counted, as in what an SBOM or a Clair says. */
  readonly ledger?: Ledger;
  /** What programs were linked with, of those of which that can be told. */
  readonly linked?: readonly LinkedProgram[];
  /** `sbom`: what somebody else's SBOM says of an image; undefined: the image was read. */
  readonly origin?: 'sbom';
}

/** One package in one place: what is matched. */
export interface IndexRecord {
  readonly package: Package;
  readonly distribution?: Distribution;
  readonly repository?: Repository;
}
