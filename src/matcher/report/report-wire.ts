/** The VulnerabilityReport as Clair writes it in JSON, with our additions. */
import type { z } from 'zod';
import type { Finding, Vulnerability, VulnerabilityReport } from '../../model/api/vulnerability-report.ts';
import type { CoverageEntry, Notice } from '../../model/coverage.ts';
import type { DistributionWire, PackageWire, RepositoryWire } from '../../model/index-report-wire.ts';
import type { Problem } from '../../model/package.ts';
import type { FeedState } from '../store/feed-status.ts';

export interface VulnerabilityWire extends z.infer<typeof Vulnerability> {
  package: PackageWire;
  distribution: DistributionWire;
  repository: RepositoryWire;
  /** In diffs: the versions themselves, where `fixed_in_version` is not all of it. Not in Clair. */
  Bounds?: { from?: string; below?: string; upTo?: string };
  arch_op?: 'equals' | 'pattern match';
  Invert?: true;
  Self: { Name: string };
  Aliases: null;
}

/** What a report of this matcher always has. */
export interface VulnerabilityReportWire extends z.infer<typeof VulnerabilityReport> {
  vulnerabilities: Record<string, VulnerabilityWire>;
  enrichments: Record<string, Record<string, unknown[]>[]>;
  feeds: FeedWire[];
  incomplete: IncompleteWire[];
  notices: Notice[];
  undecided: Record<string, string[]>;
  problems: Problem[];
  aliases: Record<string, string[]>;
  findings: FindingWire[];
}

/** One vulnerability that affects one package: see `Finding`. Absent members: none. */
export interface FindingWire extends z.infer<typeof Finding> {
  exploited?: true;
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
