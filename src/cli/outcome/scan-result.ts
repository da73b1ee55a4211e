/** What one scan came to: what the formats are made from, and the readings that the table and the exit code share. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { ecosystemOf } from '../../contract/ecosystem-of.ts';
import type { LinkedState } from '../../matcher/findings/linked.ts';
import type {
  FeedWire,
  FindingWire,
  IncompleteWire,
  VulnerabilityReportWire,
} from '../../matcher/report/report-wire.ts';
import type { Accepted } from '../../model/coverage.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';
import type { Problem } from '../../model/package.ts';
import { rankOf, type Severity } from '../../model/severity.ts';
import type { TargetNames } from './target-names.ts';

export interface ScanResult {
  readonly target: { readonly name: string; readonly kind: string };
  /** What else the target is called. */
  readonly names: TargetNames;
  /** Digest of what was scanned. */
  readonly manifest: string;
  /** What it was checked against. */
  readonly feeds: readonly FeedWire[];
  /** What could not be read, in the image or in a feed. */
  readonly problems: readonly Problem[];
  /** Parts of the image that nothing was known about, and that nobody has accepted: never an "ok". */
  readonly incomplete: readonly IncompleteWire[];
  /** Those that an ignore file accepts. */
  readonly accepted: readonly Accepted<IncompleteWire>[];
  /** Of that file: what has expired, or fits nothing. */
  readonly notices: readonly string[];
  /** Set when the answer rests on the example bundle and not on real feeds. */
  readonly example?: string;
  /** Clair's VulnerabilityReport. */
  readonly report: VulnerabilityReportWire;
  /** Code of programs, for SBOMs: the index report has it, and not the report. */
  readonly linked?: IndexReportWire['linked'];
}

/** A finding of the report with its package. */
export interface Match {
  readonly name: string;
  readonly version: string;
  /** First version that no source calls affected; '' if there is none. */
  readonly fixedIn: string;
  /** deb, apk, python, npm, go … */
  readonly type: string;
  readonly vulnerability: string;
  /** Other names of it. */
  readonly aliases: readonly string[];
  /** CVE ids, if it is about several vulnerabilities at once. */
  readonly covers: readonly string[];
  /** Keys of the report: its package, and what its sources say. */
  readonly packageId: string;
  readonly vulnerabilityIds: readonly string[];
  readonly severity: Severity;
  /** Where the severity is from; '' if it is Unknown. */
  readonly severitySource: string;
  readonly cvss?: NonNullable<FindingWire['cvss']>;
  /** Probability of exploitation within 30 days, 0 to 1. */
  readonly epss?: number;
  /** Listed by CISA as exploited. */
  readonly exploited: boolean;
  /** What else enrichers say of it, in few words. */
  readonly notes: readonly string[];
  /** The version could not be compared: it may be affected. */
  readonly undecided: boolean;
  /** Whether the vulnerable code is in the program. */
  readonly linked: LinkedState;
  /** Packages or functions that decided. */
  readonly linkedNames: readonly string[];
}

/** What people call the packages that a detector (as reports name it) finds: deb, apk, python, npm, go. */
export function typeOf(detector: string | null, ecosystems: readonly Ecosystem[]): string {
  const id = detector?.split(':')[3] ?? '';
  return ecosystemOf(id, ecosystems)?.type ?? id.replace(/^sbom-/, ''); // of an SBOM: the type of a package URL that no ecosystem reads
}

/** The findings of a report, most severe first, then by package and vulnerability; last those whose vulnerable code is not there. */
export function matchesOf(
  { packages, findings }: VulnerabilityReportWire,
  ecosystems: readonly Ecosystem[],
): Match[] {
  const matches = findings.flatMap((finding): Match[] => {
    const pkg = packages[finding.package];
    if (pkg === undefined) return [];
    const {
      name,
      aliases = [],
      covers = [],
      vulnerabilities,
      fixed_in,
      severity,
      severity_source,
      cvss,
      epss,
    } = finding;
    return [
      {
        name: pkg.name,
        version: pkg.version,
        fixedIn: fixed_in ?? '',
        type: typeOf(pkg.detector, ecosystems),
        vulnerability: name,
        aliases,
        covers,
        packageId: finding.package,
        vulnerabilityIds: vulnerabilities,
        severity,
        severitySource: severity_source ?? '',
        ...(cvss && { cvss }),
        ...(epss !== undefined && { epss }),
        exploited: finding.exploited === true,
        notes: finding.notes ?? [],
        undecided: finding.undecided === true,
        linked: finding.linked ?? 'unknown',
        linkedNames: finding.linked_names ?? [],
      },
    ];
  });
  return matches.sort(
    (a, b) =>
      Number(a.linked === 'no') - Number(b.linked === 'no') ||
      rankOf(b.severity) - rankOf(a.severity) ||
      Number(b.exploited) - Number(a.exploited) ||
      compareText(a.name, b.name) ||
      compareText(a.vulnerability, b.vulnerability) ||
      compareText(a.version, b.version),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
