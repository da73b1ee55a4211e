/** For tests of the command line: small reports. */

import { rate } from '../../matcher/findings/severity.ts';
import type {
  FindingWire,
  IncompleteWire,
  VulnerabilityReportWire,
  VulnerabilityWire,
} from '../../matcher/report/report-wire.ts';
import { readFacts } from '../../matcher/shown/facts.ts';
import { fixedVersionOf } from '../../matcher/shown/fixes.ts';
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
    description: '',
    issued: '0001-01-01T00:00:00Z',
    links: '',
    severity: '',
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
    ...(parts.ledger && { ledger: parts.ledger }),
    aliases: parts.aliases ?? {},
    findings: parts.findings ?? findingsOf(parts),
  };
}

/** A finding for each package and vulnerability, as a matcher makes them where no two are the same thing. */
function findingsOf({
  vulnerabilities = [],
  hits = {},
  undecided = {},
  aliases = {},
  enrichments = {},
}: Parameters<typeof reportWire>[0]): FindingWire[] {
  const records = Object.entries(enrichments);
  const enrichers = records.map(([type], id) => ({ id, name: /enricher=([\w.]+)/.exec(type)?.[1] ?? '' }));
  return [hits, undecided].flatMap((byPackage) =>
    Object.entries(byPackage).flatMap(([pkg, ids]) =>
      ids.flatMap((id): FindingWire[] => {
        const vulnerability = vulnerabilities.find((each) => each.id === id);
        if (vulnerability === undefined) return [];
        const { name, updater, normalized_severity: severity, severity: text = '' } = vulnerability;
        const known = records.flatMap(([, maps], n) =>
          maps.flatMap((map): [number, string][] => (map[id] ? [[n, JSON.stringify(map[id])]] : [])),
        );
        const facts = readFacts(new Map(known), enrichers);
        const { source, ...rated } = rate([{ source: updater, severity, text }], [], facts);
        const fixedIn = fixedVersionOf(vulnerability.fixed_in_version, updater);
        return [
          {
            package: pkg,
            name,
            ...(aliases[id] && { aliases: aliases[id] }),
            vulnerabilities: [id],
            ...rated,
            ...(source !== undefined && { severity_source: source }),
            ...(facts.epss !== undefined && { epss: facts.epss }),
            ...(facts.exploited && { exploited: true }),
            ...(fixedIn !== '' && { fixed_in: fixedIn }),
            ...(byPackage === undecided && { undecided: true }),
          },
        ];
      }),
    ),
  );
}

export function scanResult(more: Partial<ScanResult> = {}): ScanResult {
  return {
    target: { name: 'app:1', kind: 'oci' },
    names: { indexes: [], names: [] },
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
    aliases: [],
    covers: [],
    vulnerabilityIds: ['CVE-2099-1'],
    severitySource: 'debian/updater',
    severity: 'High',
    exploited: false,
    notes: [],
    undecided: false,
    linked: 'unknown',
    linkedNames: [],
    ...more,
  };
}
