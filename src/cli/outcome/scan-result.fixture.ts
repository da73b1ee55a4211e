/** For tests of the command line: small reports. */
import type {
  IncompleteWire,
  VulnerabilityReportWire,
  VulnerabilityWire,
} from '../../matcher/report-wire.ts';
import type { PackageWire } from '../../model/index-report-wire.ts';
import type { Match, ScanResult } from './scan-result.ts';

export function packageWire(name: string, version: string, detector: string | null = 'dpkg'): PackageWire {
  return {
    id: name,
    name,
    version,
    normalized_version: '',
    cpe: '',
    detector: detector && `urn:claircore:detector:${detector}:1:package`,
  };
}

export function vulnerabilityWire(name: string, more: Partial<VulnerabilityWire> = {}): VulnerabilityWire {
  return {
    id: name,
    updater: 'debian/updater',
    name,
    normalized_severity: 'Unknown',
    fixed_in_version: '',
    ...more,
  } as VulnerabilityWire;
}

/** A report of these packages and vulnerabilities, by their names; `hits` and `undecided`: package -> vulnerabilities. */
export function reportWire(
  parts: {
    packages?: readonly PackageWire[];
    vulnerabilities?: readonly VulnerabilityWire[];
    hits?: Record<string, string[]>;
  } & Partial<Omit<VulnerabilityReportWire, 'packages' | 'vulnerabilities'>>,
): VulnerabilityReportWire {
  const byId = <T extends { id: string }>(items: readonly T[] = []) =>
    Object.fromEntries(items.map((item) => [item.id, item]));
  return {
    manifest_hash: `sha256:${'0'.repeat(64)}`,
    packages: byId(parts.packages),
    distributions: parts.distributions ?? {},
    repository: parts.repository ?? {},
    environments: parts.environments ?? {},
    vulnerabilities: byId(parts.vulnerabilities),
    package_vulnerabilities: parts.hits ?? {},
    enrichments: parts.enrichments ?? {},
    feeds: [],
    incomplete: [],
    undecided: parts.undecided ?? {},
    problems: [],
    notices: [],
    aliases: parts.aliases ?? {},
  };
}

export function scanResult(more: Partial<ScanResult> = {}): ScanResult {
  return {
    target: { name: 'app:1', kind: 'oci' },
    manifest: `sha256:${'0'.repeat(64)}`,
    feeds: [],
    problems: [],
    incomplete: [],
    accepted: [],
    notices: [],
    report: reportWire({}),
    ...more,
  };
}

/** An entry of what was not checked. */
export function missing(what: string, more: Partial<IncompleteWire> = {}): IncompleteWire {
  const { packages = 1, reason = 'no feed covers it' } = more;
  return { kind: 'no-feed', what, where: '', reason, count: packages, packages, ...more };
}

export function match(name: string, more: Partial<Match> = {}): Match {
  return {
    name,
    version: '1.0',
    fixedIn: '',
    type: 'deb',
    vulnerability: 'CVE-2099-1',
    packageId: name,
    vulnerabilityId: 'CVE-2099-1',
    severity: 'High',
    exploited: false,
    undecided: false,
    ...more,
  };
}
