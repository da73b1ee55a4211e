/** What one scan came to: what the formats are made from, and the readings that the table and the exit code share. */

import type {
  FeedWire,
  IncompleteWire,
  VulnerabilityReportWire,
  VulnerabilityWire,
} from '../../matcher/report-wire.ts';
import type { Accepted } from '../../model/coverage.ts';
import type { Problem } from '../../model/package.ts';
import { parseSeverity, rankOf, type Severity } from '../../model/severity.ts';

export interface ScanResult {
  readonly target: { readonly name: string; readonly kind: string };
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
}

/** One line of the report: a package and what affects it. */
export interface Match {
  readonly name: string;
  readonly version: string;
  /** '' if there is none. */
  readonly fixedIn: string;
  /** deb, apk, python, npm, go … */
  readonly type: string;
  readonly vulnerability: string;
  /** Keys of the report: its package and its vulnerability. */
  readonly packageId: string;
  readonly vulnerabilityId: string;
  readonly severity: Severity;
  /** Probability of exploitation within 30 days, 0 to 1. */
  readonly epss?: number;
  /** Listed by CISA as exploited. */
  readonly exploited: boolean;
  /** The version could not be compared: it may or may not be affected. */
  readonly undecided: boolean;
}

/** What people call the packages that a detector finds: deb, apk, python, npm, go. */
export function typeOf(detector: string | null): string {
  const id = detector?.split(':')[3] ?? '';
  return TYPES[id] ?? id.replace(/^sbom-/, ''); // of an SBOM: the type of a package URL that no ecosystem reads
}

const TYPES: Readonly<Record<string, string>> = {
  dpkg: 'deb',
  'dpkg-distroless': 'deb',
  nodejs: 'npm',
  gobin: 'go',
  'cargo-auditable': 'rust',
  composer: 'php',
  'dotnet-deps': 'nuget',
};

/** The lines of a report, most severe first, then by package and vulnerability. */
export function matchesOf(report: VulnerabilityReportWire): Match[] {
  const enrichments = readEnrichments(report);
  const matches: Match[] = [];
  for (const undecided of [false, true]) {
    const byPackage = undecided ? report.undecided : report.package_vulnerabilities;
    for (const [packageId, ids] of Object.entries(byPackage)) {
      const pkg = report.packages[packageId];
      if (pkg === undefined) continue;
      for (const id of ids) {
        const vulnerability = report.vulnerabilities[id];
        if (vulnerability === undefined) continue;
        matches.push({
          name: pkg.name,
          version: pkg.version,
          fixedIn: fixedVersion(vulnerability),
          type: typeOf(pkg.detector),
          vulnerability: vulnerability.name,
          packageId,
          vulnerabilityId: id,
          severity: severityOf(vulnerability, enrichments.cvss.get(id)),
          ...(enrichments.epss.has(id) && { epss: enrichments.epss.get(id) ?? 0 }),
          exploited: enrichments.kev.has(id),
          undecided,
        });
      }
    }
  }
  return matches.sort(
    (a, b) =>
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

/** clair-quirk: language feeds put `fixed=…&introduced=…` into `fixed_in_version`, and Ubuntu a `0` for none. */
function fixedVersion({ fixed_in_version: text, updater }: VulnerabilityWire): string {
  if (text === '0') return '';
  if (!updater.startsWith('osv/') || !/^(fixed|introduced|lastAffected)=/.test(text)) return text;
  return new URLSearchParams(text).get('fixed') ?? '';
}

/** The feed's own severity; where it says nothing, that of the CVSS score. */
function severityOf(vulnerability: VulnerabilityWire, cvss: Severity | undefined): Severity {
  const own = vulnerability.normalized_severity;
  return own === 'Unknown' ? (cvss ?? own) : own;
}

interface Enrichments {
  readonly cvss: ReadonlyMap<string, Severity>;
  readonly epss: ReadonlyMap<string, number>;
  readonly kev: ReadonlySet<string>;
}

function readEnrichments(report: VulnerabilityReportWire): Enrichments {
  const cvss = new Map<string, Severity>();
  const epss = new Map<string, number>();
  const kev = new Set<string>();
  for (const [type, maps] of Object.entries(report.enrichments)) {
    for (const [id, records] of maps.flatMap((map) => Object.entries(map))) {
      for (const record of records as Record<string, unknown>[]) {
        if (type.includes('clair.cvss')) {
          const severity = parseSeverity(String(record.baseSeverity ?? ''));
          if (severity !== undefined && rankOf(severity) >= rankOf(cvss.get(id) ?? 'Unknown'))
            cvss.set(id, severity);
        } else if (type.includes('clair.epss')) {
          epss.set(id, Math.max(epss.get(id) ?? 0, Number(record.epss) || 0));
        } else if (type.includes('clair.kev')) kev.add(id);
      }
    }
  }
  return { cvss, epss, kev };
}
