/** The view: the report as all formats show it, and as `json` and templates contain it (docs/reference/report-schema.md). */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { LinkedState } from '../../matcher/findings/linked.ts';
import type { FeedWire, IncompleteWire } from '../../matcher/report/report-wire.ts';
import type { Accepted } from '../../model/coverage.ts';
import type { IndexReport } from '../../model/index-report.ts';
import type { Ledger, UnaccountedFile } from '../../model/ledger.ts';
import type { Problem } from '../../model/package.ts';
import type { Severity } from '../../model/severity.ts';
import type { Match, ScanResult } from '../outcome/scan-result.ts';
import type { Grouping } from '../policy/policy-options.ts';
import type { Suppression } from '../policy/selection.ts';

/** A finding according to one source. */
export interface FindingSource {
  readonly feed: string;
  /** Name in the feed. */
  readonly id: string;
  /** Severity according to this source. */
  readonly severity: Severity;
  /** Fixed version; '' if the source names none. */
  readonly fixedIn: string;
}

export interface ReportFinding {
  /** CVE id, or another id if it has none. */
  readonly id: string;
  /** All other names in the loaded feeds. */
  readonly aliases: readonly string[];
  /** CVE ids of an advisory about several vulnerabilities (errata); they are also aliases. */
  readonly covers: readonly string[];
  readonly package: string;
  /** Source package, if its name differs. */
  readonly sourcePackage?: string;
  readonly version: string;
  /** Package type: `deb`, `apk`, `python`, `npm`, `go`, … */
  readonly type: string;
  /** Package URL; '' if the package has none. */
  readonly purl: string;
  /** Lowest version that no source calls affected; '' if none exists. */
  readonly fixedIn: string;
  readonly severity: Severity;
  /** Feed, alias record or NVD; '' if the severity is Unknown. */
  readonly severitySource: string;
  readonly cvss?: NonNullable<Match['cvss']>;
  readonly epss?: number;
  readonly exploited: boolean;
  /** 0 to 100, one decimal; the default order (`riskOf`). */
  readonly risk: number;
  /** Other facts of enrichers as short texts; absent: none. */
  readonly notes?: readonly string[];
  /** Whether the version could not be compared: it may be affected. */
  readonly undecided: boolean;
  /** Whether the program contains the vulnerable code; `no`: not reachable by linking. */
  readonly linked: LinkedState;
  /** Packages or functions that decided `linked`: those present, or for `no` those absent; absent: none. */
  readonly linkedNames?: readonly string[];
  /** Feed of the first of `sources`. */
  readonly feed: string;
  /** All sources of the finding. */
  readonly sources: readonly FindingSource[];
  readonly description: string;
  /** Publication time (RFC 3339); '' if unknown. */
  readonly published: string;
  readonly links: readonly string[];
  /** Files or directories of the package in the image. */
  readonly paths: readonly string[];
  /** Digests of the layers that added it. */
  readonly layers: readonly string[];
}

/** An unaccounted file with the instruction that added it. */
export interface UnaccountedView extends UnaccountedFile {
  /** Instruction in the image's history; '' if unknown. */
  readonly instruction: string;
}

/** The ledger: accounts of the files that can run. */
export interface LedgerView extends Ledger {
  readonly unaccounted: readonly UnaccountedView[];
}

/** A finding that does not count, with its reason. */
export interface SuppressedFinding extends ReportFinding {
  readonly suppression: Suppression;
}

export interface View {
  readonly schemaVersion: 1;
  /** Time of the report (RFC 3339, whole seconds). */
  readonly created: string;
  readonly tool: { readonly name: 'clairctl'; readonly version: string };
  readonly target: { readonly name: string; readonly kind: string };
  readonly manifest: string;
  readonly distributions: readonly string[];
  /** Number of packages. */
  readonly packages: number;
  readonly packageTypes: readonly { readonly type: string; readonly count: number }[];
  readonly summary: {
    readonly findings: number;
    readonly fixable: number;
    readonly affectedPackages: number;
    readonly bySeverity: Readonly<Record<Lowercase<Severity>, number>>;
    /** Findings whose vulnerable code is not in the program. */
    readonly notLinked: number;
    /** Whether `--fail-on` counts these. */
    readonly countsNotLinked: boolean;
    /** Number of `suppressed`. */
    readonly suppressed: number;
    /** Findings that flags omit: without a fix, with a fix, and of other severities. */
    readonly hidden: { readonly unfixed: number; readonly fixed: number; readonly otherSeverity: number };
  };
  /** Whether everything was checked, with real feeds. */
  readonly complete: boolean;
  readonly incomplete: readonly IncompleteWire[];
  /** Coverage entries that an ignore file accepts: they do not make the report incomplete. */
  readonly accepted: readonly Accepted<IncompleteWire>[];
  readonly problems: readonly Problem[];
  readonly feeds: readonly FeedWire[];
  /** Notice, set if only the example feeds were used. */
  readonly example?: string;
  readonly findings: readonly ReportFinding[];
  /** Findings that an ignore rule or a VEX statement suppresses. */
  readonly suppressed: readonly SuppressedFinding[];
  /** Notices about the image, and about expired or unused rules of ignore files and VEX documents. */
  readonly notices: readonly string[];
  /** Absent if files were not read, as for an SBOM. */
  readonly ledger?: LedgerView;
}

/** The input of a format. */
export interface FormatInput {
  readonly view: View;
  /** `matches[i]` belongs to `findings[i]` of the view. */
  readonly matches: readonly Match[];
  /** `suppressedMatches[i]` belongs to `suppressed[i]` of the view. */
  readonly suppressedMatches: readonly Match[];
  /** Matches that the gate evaluates: neither suppressed nor omitted for lack of a fix. */
  readonly counted: readonly Match[];
  /** Matches that flags omit: without a fix, with a fix, or of other severities. */
  readonly leftOut: readonly Match[];
  readonly result: ScanResult;
  readonly index: IndexReport;
  /** Ids of packages in the report, by position in `index.packages`. */
  readonly packageIds: readonly string[];
  readonly ecosystems: readonly Ecosystem[];
  readonly now: Date;
  readonly color: boolean;
  /** Whether text tables list suppressed findings. */
  readonly showSuppressed: boolean;
  /** Rows or groups in text tables; undefined: all. */
  readonly top?: number;
  readonly group?: Grouping;
  /** Columns of the terminal; undefined: no limit. */
  readonly columns?: number;
  /** Text of `--template`. */
  readonly template?: { readonly text: string; readonly name: string };
  /** Instructions by digest of their layer; absent: not read. */
  readonly instructions?: ReadonlyMap<string, string>;
}
