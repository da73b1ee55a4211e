/** The VulnerabilityReport as Clair writes it in JSON, with our additions. */

import type { CoverageEntry, Notice } from '../model/coverage.ts';
import type {
  DistributionWire,
  EnvironmentWire,
  PackageWire,
  RepositoryWire,
} from '../model/index-report-wire.ts';
import type { Problem } from '../model/package.ts';
import type { Severity } from '../model/severity.ts';
import type { FeedState } from './store/feed-status.ts';

export interface VulnerabilityWire {
  id: string;
  updater: string;
  name: string;
  description: string;
  /** RFC 3339; Go's zero time if the feed says nothing. */
  issued: string;
  /** URLs joined by one space. */
  links: string;
  severity: string;
  normalized_severity: Severity;
  package: PackageWire;
  distribution: DistributionWire;
  repository: RepositoryWire;
  fixed_in_version: string;
  /** Half-open, of Clair's normalised versions; in diffs only. */
  range?: { '[': string; ')': string };
  /** Ours, in diffs: the versions themselves, where `fixed_in_version` is not all of it. */
  Bounds?: { from?: string; below?: string; upTo?: string };
  arch_op?: 'equals' | 'pattern match';
  /** Says that the package is not affected; absent otherwise. */
  Invert?: true;
  Self: { Name: string; Space: Record<string, never> };
  Aliases: null;
}

/** Keys from `feeds` on are ours; Clair's own decoders and Quay's ignore them. */
export interface VulnerabilityReportWire {
  manifest_hash: string;
  packages: Record<string, PackageWire>;
  distributions: Record<string, DistributionWire>;
  repository: Record<string, RepositoryWire>;
  environments: Record<string, EnvironmentWire[]>;
  vulnerabilities: Record<string, VulnerabilityWire>;
  package_vulnerabilities: Record<string, string[]>;
  /** By message type: one map from vulnerability to records. */
  enrichments: Record<string, Record<string, unknown[]>[]>;
  /** By package: vulnerabilities that its publisher says it does not have, as newer Clairs show them; absent if there are none. */
  PackageNotVulnerable?: Record<string, string[]>;
  /** What the answer rests on. */
  feeds: FeedWire[];
  /** What was not checked; empty: everything was, and only then a report is complete. */
  incomplete: IncompleteWire[];
  /** What to know of the answer though nothing is missing for it: an end of life that is near, support that is extended. */
  notices: Notice[];
  /** By package: vulnerabilities that may or may not affect it, because a version could not be compared. */
  undecided: Record<string, string[]>;
  /** Files and records of the image that could not be read. */
  problems: Problem[];
  /** Other names of a vulnerability, by its id, as its own feed says. */
  aliases: Record<string, string[]>;
  /** One for each package and vulnerability, whoever says it; most severe first. */
  findings: FindingWire[];
}

/** One vulnerability that affects one package: see `Finding`. Absent members: none. */
export interface FindingWire {
  /** Key of `packages`. */
  package: string;
  /** The CVE id where there is one. */
  name: string;
  /** All other names of it, as far as the loaded feeds know them. */
  aliases?: string[];
  /** CVE ids, where the sources are about several vulnerabilities at once, as errata are. */
  covers?: string[];
  /** Keys of `vulnerabilities`: what the sources say. */
  vulnerabilities: string[];
  severity: Severity;
  /** A feed, a record that is an alias, or NVD. */
  severity_source?: string;
  cvss?: { score: number; vector: string; version: string; source: string };
  epss?: number;
  exploited?: true;
  /** First version that no source calls affected. */
  fixed_in?: string;
  /** All of them, if sources name several. */
  fixes?: string[];
  undecided?: true;
}

/** A feed of a scope that the image has packages of. */
export interface FeedWire {
  name: string;
  scope: string;
  state: FeedState;
  /** RFC 3339; absent: never. */
  last_success?: string;
  last_error?: string;
  rows: number;
  /** Records of it that could not be read. */
  problems: number;
}

export interface IncompleteWire extends CoverageEntry {
  /** `count`, where it is of packages. */
  readonly packages: number;
}
