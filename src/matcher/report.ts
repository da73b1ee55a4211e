/** Writes the VulnerabilityReport: JSON text is put together from pieces, most of which were made at import. */
import type { Enricher } from '../ecosystems/contract.ts';
import type { IndexReport } from '../model/index-report.ts';
import type { IndexReportWire } from '../model/index-report-wire.ts';
import { incompleteOf } from './incomplete.ts';
import type { Hits, Matches } from './match.ts';
import type { FeedWire } from './report-wire.ts';
import { feedState } from './store/feed-status.ts';
import { numberVulnerabilities, type Vulnerability, vulnerabilityWriter } from './vulnerability-json.ts';

export interface ReportParts {
  readonly wire: IndexReportWire;
  /** The same, read. */
  readonly report: IndexReport;
  /** The wire's id of each package of `report`. */
  readonly packageIds: readonly string[];
  readonly matches: Matches;
  readonly enrichers: readonly Pick<Enricher, 'name' | 'type'>[];
  readonly now: Date;
}

/** The bytes of a VulnerabilityReport (see `VulnerabilityReportWire`). */
export function writeReport({ wire, report, packageIds, matches, enrichers, now }: ReportParts): Buffer {
  const byAdvisory = numberVulnerabilities(matches);
  const vulnerabilities = [...new Set(byAdvisory.values())].sort((a, b) => a.id - b.id);
  const write = vulnerabilityWriter();
  const affected = idsByPackage(matches.affected, packageIds, byAdvisory);
  const unaffected = idsByPackage(matches.unaffected, packageIds, byAdvisory);
  const undecided = idsByPackage(matches.undecided, packageIds, byAdvisory, matches.affected);
  const members: [key: string, json: string][] = [
    ['manifest_hash', JSON.stringify(report.manifestHash)],
    // Copied as the indexer wrote them; a Go indexer writes null for none.
    ['packages', JSON.stringify(wire.packages ?? {})],
    ['distributions', JSON.stringify(wire.distributions ?? {})],
    ['repository', JSON.stringify(wire.repository ?? {})],
    ['environments', JSON.stringify(wire.environments ?? {})],
    [
      'vulnerabilities',
      object(vulnerabilities.map((vulnerability) => [String(vulnerability.id), write(vulnerability)])),
    ],
    ['package_vulnerabilities', affected],
    ['enrichments', enrichmentsOf(vulnerabilities, matches, enrichers)],
    // differs: as newer Clairs do, assertions that a package is not affected are shown; they take nothing away (matching.md §1.2)
    ...(unaffected === '{}' ? [] : [['PackageNotVulnerable', unaffected] satisfies [string, string]]),
    ['feeds', JSON.stringify(feedsOf(matches, now))],
    ['incomplete', JSON.stringify(incompleteOf(report, matches))],
    ['undecided', undecided],
    ['problems', JSON.stringify([...report.problems, ...matches.problems])],
    ['aliases', aliasesOf(vulnerabilities)],
  ];
  return Buffer.from(object(members));
}

function object(members: readonly (readonly [key: string, json: string])[]): string {
  return `{${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}

/**
 * Each id once, in the order of their numbers; packages without any have no key.
 * differs: Clair repeats an id for each record that matches, in no order (matching.md §1.2)
 */
function idsByPackage(
  hits: Hits,
  packageIds: readonly string[],
  byAdvisory: ReadonlyMap<number, Vulnerability>,
  without?: Hits,
): string {
  const idsOf = (set: ReadonlySet<number> | undefined): Set<number> =>
    new Set([...(set ?? [])].flatMap((advisory) => byAdvisory.get(advisory)?.id ?? []));
  const members = hits.flatMap((set, position): [string, string][] => {
    const excluded = idsOf(without?.[position]);
    const ids = [...idsOf(set)].filter((id) => !excluded.has(id));
    if (ids.length === 0) return [];
    const sorted = ids.sort((a, b) => a - b).map(String);
    return [[packageIds[position]!, JSON.stringify(sorted)]];
  });
  return object(members);
}

/**
 * By message type, one map from vulnerability to records.
 * differs: a vulnerability that names several CVEs gets the records of all, not of any one (matching.md §4)
 */
function enrichmentsOf(
  vulnerabilities: readonly Vulnerability[],
  { enrichments }: Matches,
  enrichers: ReportParts['enrichers'],
): string {
  if (enrichments.length === 0) return '{}';
  const records = new Map(enrichments.map(({ enricher, tag, data }) => [`${enricher} ${tag}`, data]));
  const members = quayOrder(enrichers).flatMap(({ name, type }): [string, string][] => {
    const entries = vulnerabilities.flatMap(({ id, doc }): [string, string][] => {
      const found = doc.cves.flatMap((cve) => records.get(`${name} ${cve}`) ?? []);
      return found.length === 0 ? [] : [[String(id), `[${found.join(',')}]`]];
    });
    return entries.length === 0 && name !== CVSS ? [] : [[type, `[${object(entries)}]`]];
  });
  return object(members);
}

const CVSS = 'clair.cvss';

/** Quay reads whatever type comes first as CVSS: that is CVSS, even when there are only others. */
function quayOrder(enrichers: ReportParts['enrichers']): ReportParts['enrichers'] {
  return enrichers.toSorted((a, b) => Number(b.name === CVSS) - Number(a.name === CVSS));
}

function feedsOf({ scopes }: Matches, now: Date): FeedWire[] {
  return scopes.flatMap((row) =>
    row.feed === null
      ? []
      : {
          name: row.feed,
          scope: row.key,
          state: feedState(row, now),
          ...(row.last_success && { last_success: row.last_success.toISOString() }),
          ...(row.last_error !== null && { last_error: row.last_error }),
          rows: row.row_count,
          problems: row.problem_count,
        },
  );
}

function aliasesOf(vulnerabilities: readonly Vulnerability[]): string {
  return object(
    vulnerabilities.flatMap(({ id, doc }): [string, string][] =>
      doc.aliases.length === 0 ? [] : [[String(id), JSON.stringify(doc.aliases)]],
    ),
  );
}
