/** The view: the report as all formats show it, and as `json` and templates contain it (docs/reference/report-schema.md). */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { AppError } from '../../errors.ts';
import { VERSION } from '../../lib/version.ts';
import type { LinkedState } from '../../matcher/findings/linked.ts';
import type {
  FeedWire,
  IncompleteWire,
  VulnerabilityReportWire,
  VulnerabilityWire,
} from '../../matcher/report/report-wire.ts';
import { fixedVersionOf } from '../../matcher/shown/fixes.ts';
import type { Accepted } from '../../model/coverage.ts';
import type { IndexReport } from '../../model/index-report.ts';
import { fromWire, type PackageWire } from '../../model/index-report-wire.ts';
import type { Ledger, UnaccountedFile } from '../../model/ledger.ts';
import type { Problem } from '../../model/package.ts';
import { formatPurl, parsePurl } from '../../model/purl.ts';
import { riskOf, shownRisk } from '../../model/risk.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { pathOf, purlOf } from '../../sbom/inventory.ts';
import { type Match, type ScanResult, typeOf } from '../outcome/scan-result.ts';
import type { Grouping } from '../policy/policy-options.ts';
import type { Judged, Selection, Suppression } from '../policy/selection.ts';
import { noticeText } from './coverage-text.ts';

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

/** The result of a scan, and how it is to be shown. */
export interface FormatParts {
  readonly result: ScanResult;
  /** All matches. */
  readonly matches: readonly Match[];
  readonly ecosystems: readonly Ecosystem[];
  readonly now: Date;
  readonly color?: boolean;
  readonly showSuppressed?: boolean;
  readonly top?: number;
  readonly group?: Grouping;
  readonly template?: { readonly text: string; readonly name: string };
  /** Instructions by digest of their layer. */
  readonly instructions?: ReadonlyMap<string, string>;
  /** Selects what is shown; default: everything. */
  readonly select?: (findings: readonly Judged[]) => Selection;
}

/** Returns the input of formats. `created` is the time of the report. */
export function formatInput(parts: FormatParts, created: Date): FormatInput {
  const { result, matches, ecosystems, select = selectAll, instructions, ...rest } = parts;
  const { report: index, packageIds } = fromWire({
    ...result.report,
    ...(result.linked && { linked: result.linked }),
    state: 'IndexFinished',
    success: true,
    err: '',
  });
  const purls = new Map(
    index.packages.map((each, position) => [packageIds[position]!, purlOf(each, ecosystems) ?? '']),
  );
  const findings = matches.map((match) => findingOf(match, result.report, purls));
  const { sbom } = result.names;
  const components = new Map(packageIds.map((id, position) => [id, sbom?.components[position]]));
  const selection = select(
    findings.map((finding, position) => ({
      ...finding,
      components: components.get(matches[position]!.packageId) ?? [],
      sourcePurl: sourcePurlOf(
        finding.purl,
        result.report.packages[matches[position]!.packageId]?.source,
        ecosystems,
      ),
    })),
  );
  const { shown, suppressed, otherSeverity, unfixed, fixed } = selection;
  const left = new Set([...shown, ...fixed, ...otherSeverity]);
  return {
    color: false,
    showSuppressed: false,
    ...rest,
    ...(instructions && { instructions }),
    result,
    ecosystems,
    matches: shown.map((position) => matches[position]!),
    suppressedMatches: suppressed.map(({ position }) => matches[position]!),
    counted: matches.filter(
      ({ linked }, position) => left.has(position) && !(selection.onlyLinked && linked === 'no'),
    ),
    leftOut: [...unfixed, ...fixed, ...otherSeverity].map((position) => matches[position]!),
    index: { ...index, problems: result.problems },
    packageIds,
    view: {
      ...viewOf(result, findings, selection, created, ecosystems),
      ...(index.ledger && { ledger: ledgerView(index.ledger, instructions) }),
    },
  };
}

function ledgerView(
  { accounts, unaccounted }: Ledger,
  instructions: ReadonlyMap<string, string> = new Map(),
): LedgerView {
  return {
    accounts,
    unaccounted: unaccounted.map((file) => ({ ...file, instruction: instructions.get(file.layer) ?? '' })),
  };
}

function selectAll(findings: readonly Judged[]): Selection {
  return {
    shown: [...findings.keys()],
    suppressed: [],
    unfixed: [],
    fixed: [],
    otherSeverity: [],
    notices: [],
  };
}

/** Returns the package URL of the source package, which many VEX statements name; '' if it has none. */
function sourcePurlOf(
  text: string,
  source: PackageWire | undefined,
  ecosystems: readonly Ecosystem[],
): string {
  const purl = parsePurl(text);
  if (purl === undefined || !source?.name) return '';
  const mapping = ecosystems.find((each) => each.purl?.types.includes(purl.type))?.purl;
  const found = mapping?.ofSource?.(purl, { name: source.name, version: source.version });
  return found === undefined ? '' : formatPurl(found);
}

function viewOf(
  result: ScanResult,
  all: readonly ReportFinding[],
  selection: Selection,
  created: Date,
  ecosystems: readonly Ecosystem[],
): View {
  const packages = Object.values(result.report.packages);
  const findings = selection.shown.map((position) => all[position]!);
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    schemaVersion: 1,
    created: created.toISOString().replace(/\.\d+Z$/, 'Z'),
    tool: { name: 'clairctl', version: VERSION },
    target: result.target,
    manifest: result.manifest,
    distributions: Object.values(result.report.distributions).map(
      (each) => each.pretty_name || `${each.name} ${each.version}`,
    ),
    packages: packages.length,
    packageTypes: [...Map.groupBy(packages, ({ detector }) => typeOf(detector, ecosystems))].map(
      ([type, { length }]) => ({ type, count: length }),
    ),
    summary: {
      findings: findings.length,
      fixable: findings.filter(({ fixedIn }) => fixedIn !== '').length,
      affectedPackages: new Set(findings.map((each) => `${each.type} ${each.package} ${each.version}`)).size,
      bySeverity: Object.fromEntries(
        SEVERITIES.toReversed().map((severity) => [severity.toLowerCase(), count(severity)]),
      ) as View['summary']['bySeverity'],
      notLinked: findings.filter(({ linked }) => linked === 'no').length,
      countsNotLinked: !selection.onlyLinked,
      suppressed: selection.suppressed.length,
      hidden: {
        unfixed: selection.unfixed.length,
        fixed: selection.fixed.length,
        otherSeverity: selection.otherSeverity.length,
      },
    },
    complete: result.incomplete.length === 0 && result.example === undefined,
    incomplete: result.incomplete,
    accepted: result.accepted,
    problems: result.problems,
    feeds: result.feeds,
    ...(result.example !== undefined && { example: result.example }),
    findings,
    suppressed: selection.suppressed.map(({ position, by }) => ({ ...all[position]!, suppression: by })),
    notices: [...(result.report.notices ?? []).map(noticeText), ...result.notices, ...selection.notices],
  };
}

function findingOf(
  match: Match,
  report: VulnerabilityReportWire,
  purls: ReadonlyMap<string, string>,
): ReportFinding {
  const { packageId, vulnerabilityIds } = match;
  const said = vulnerabilityIds.flatMap((id) => report.vulnerabilities[id] ?? []);
  // An id is any text in a report of others: `constructor` is no environment.
  const environments = Object.hasOwn(report.environments, packageId) ? report.environments[packageId]! : [];
  const issued = said.map((each) => each.issued ?? '').filter((time) => !time.startsWith('0001-')); // Go's zero time
  const source = report.packages[packageId]?.source?.name ?? '';
  const links = said.flatMap((each) => (each.links ?? '').split(' '));
  return {
    id: match.vulnerability,
    aliases: match.aliases,
    covers: match.covers,
    package: match.name,
    ...(source !== '' && source !== match.name && { sourcePackage: source }),
    version: match.version,
    type: match.type,
    purl: purls.get(packageId) ?? '',
    fixedIn: match.fixedIn,
    severity: match.severity,
    severitySource: match.severitySource,
    ...(match.cvss && { cvss: match.cvss }),
    ...(match.epss !== undefined && { epss: match.epss }),
    exploited: match.exploited,
    risk: shownRisk(riskOf(match)),
    ...(match.notes.length > 0 && { notes: match.notes }),
    undecided: match.undecided,
    linked: match.linked,
    ...(match.linkedNames.length > 0 && { linkedNames: match.linkedNames }),
    feed: said[0]?.updater ?? '',
    sources: said.map(sourceOf),
    description: said.find((each) => each.description)?.description ?? '',
    published: issued.sort()[0] ?? '',
    links: [...new Set(links)].filter((link) => /^https?:\/\//.test(link)),
    paths: [...new Set(environments.map((each) => pathOf(each.package_db)))].filter(Boolean),
    layers: [...new Set(environments.map((each) => each.introduced_in))].filter(Boolean),
  };
}

function sourceOf({
  updater,
  name,
  normalized_severity: severity,
  fixed_in_version: fix,
}: VulnerabilityWire): FindingSource {
  return { feed: updater, id: name, severity, fixedIn: fixedVersionOf(fix, updater) };
}

/** Returns the time of a report: SOURCE_DATE_EPOCH in seconds if set (reproducible-builds.org), otherwise `now`. */
export function createdAt(env: NodeJS.ProcessEnv, now: Date): Date {
  const epoch = env.SOURCE_DATE_EPOCH;
  if (!epoch) return now;
  const date = new Date(Number(epoch) * 1000);
  if (!/^\d+$/.test(epoch) || Number.isNaN(date.getTime()))
    throw new AppError(
      'bad-config',
      `SOURCE_DATE_EPOCH is ${JSON.stringify(epoch)}, expected seconds since 1970`,
    );
  return date;
}
