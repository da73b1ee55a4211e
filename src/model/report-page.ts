/** What the HTML report is made of: a page, and the findings as data beside it. */
import type { Severity } from './severity.ts';

/** A finding, in few bytes: the order of members is that of the file. */
export type ReportRow = readonly [
  /** Position in `SEVERITIES`, which begins with the least. */
  severity: number,
  risk: number,
  id: string,
  name: string,
  /** '' if there is no fix. */
  fixedIn: string,
  /** -1: unknown. */
  epss: number,
  exploited: 0 | 1,
  undecided: 0 | 1,
  /** '': not known. */
  linked: '' | 'no' | 'package' | 'symbol',
  notes: readonly string[],
  aliases: readonly string[],
  /** -1: unknown. */
  cvss: number,
  /** Positions in `texts`. */
  paths: readonly number[],
  /** Positions in `layers`. */
  layers: readonly number[],
  /** Position in `groups`. */
  group: number,
  /** Position in `details`. */
  detail: number,
  /** What else is known of it, a line each: positions in `texts`. */
  facts: readonly number[],
];

export interface ReportData {
  /** Of a vulnerability; what several findings say alike is here once. */
  readonly details: readonly (readonly [description: string, links: readonly string[]])[];
  readonly texts: readonly string[];
  /** A source package in one version; `upgrade` resolves all that have a fix, '' if none has. */
  readonly groups: readonly (readonly [type: string, source: string, version: string, upgrade: string])[];
  readonly layers: readonly (readonly [digest: string, instruction: string])[];
  /** Those that matter most first. */
  readonly rows: readonly ReportRow[];
}

export interface ReportUpgrade {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly about: string;
  readonly risk: number;
}

export interface ReportPage {
  readonly title: string;
  readonly manifest: string;
  readonly facts: readonly string[];
  readonly generator: string;
  /** What is missing of the answer; empty: it is complete. */
  readonly caveats: readonly string[];
  /** In place of findings, where there are none. */
  readonly verdict: string;
  readonly upgrades: readonly ReportUpgrade[];
  /** Of the risk, 0 to 1: what `upgrades` remove. */
  readonly share: number;
  readonly data: ReportData;
  /** How many findings are of code that is not there; '' if none is. */
  readonly notLinked: string;
  readonly omissions: readonly string[];
  readonly suppressed: readonly {
    readonly severity: Severity;
    readonly id: string;
    readonly package: string;
    readonly version: string;
    readonly why: string;
  }[];
  /** All of them; `suppressed` are the first ones. */
  readonly suppressedCount: number;
  readonly ledger?: {
    readonly totals: string;
    readonly files: readonly {
      readonly path: string;
      readonly size: string;
      readonly kind: string;
      readonly status: string;
      readonly layer: string;
      readonly by: string;
    }[];
    /** All of them; `files` are the largest ones. */
    readonly count: number;
  };
  readonly feeds: readonly string[];
  readonly packageTypes: readonly string[];
}
