/** Writes the VulnerabilityReport: JSON text is put together from pieces, most of which were made at import. */
import type { Enricher } from '../ecosystems/contract.ts';
import type { IndexReport } from '../model/index-report.ts';
import type { IndexReportWire } from '../model/index-report-wire.ts';
import { incompleteOf } from './incomplete.ts';
import type { Hits, Matches } from './match.ts';
import type { FeedWire } from './report-wire.ts';
import { feedState } from './store/feed-status.ts';
import { factsOf } from './store/load-advisories.ts';
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
  const { byAdvisory, vulnerabilities } = numberVulnerabilities(matches);
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
    ['vulnerabilities', byId(vulnerabilities, write)],
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
  return inOneBuffer(members);
}

/** As `object`, without one text of it all: a single wide character would double that. */
function inOneBuffer(members: readonly (readonly [key: string, json: string])[]): Buffer {
  const parts = members.flatMap(([key, json], index) => [
    Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(key)}:`),
    Buffer.from(json),
  ]);
  return Buffer.concat([...parts, Buffer.from('}')]);
}

function object(members: readonly (readonly [key: string, json: string])[]): string {
  return `{${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}

/** The members of those of which there is something to say. */
function byId(
  vulnerabilities: readonly Vulnerability[],
  jsonOf: (vulnerability: Vulnerability) => string | undefined,
): string {
  let members = '';
  for (const vulnerability of vulnerabilities) {
    const json = jsonOf(vulnerability);
    if (json !== undefined) members += `${members === '' ? '' : ','}"${vulnerability.id}":${json}`;
  }
  return `{${members}}`;
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
  const members: [string, string][] = [];
  for (const [position, set] of hits.entries()) {
    if (set.size === 0) continue;
    const ids = idsOf(set, byAdvisory);
    for (const id of idsOf(without?.[position] ?? [], byAdvisory)) ids.delete(id);
    if (ids.size === 0) continue;
    const sorted = [...ids].sort((a, b) => a - b);
    members.push([packageIds[position]!, `["${sorted.join('","')}"]`]);
  }
  return object(members);
}

function idsOf(advisories: Iterable<number>, byAdvisory: ReadonlyMap<number, Vulnerability>): Set<number> {
  const ids = new Set<number>();
  for (const advisory of advisories) {
    const vulnerability = byAdvisory.get(advisory);
    if (vulnerability !== undefined) ids.add(vulnerability.id);
  }
  return ids;
}

/**
 * By message type, one map from vulnerability to records.
 * differs: a vulnerability that names several CVEs gets the records of all, not of any one (matching.md §4)
 */
function enrichmentsOf(
  vulnerabilities: readonly Vulnerability[],
  { docs, enrichers: loaded }: Matches,
  enrichers: ReportParts['enrichers'],
): string {
  const facts = new Map([...docs.values()].map((doc) => [doc, factsOf(doc)]));
  if (![...facts.values()].some(({ size }) => size > 0)) return '{}';
  const members = quayOrder(enrichers).flatMap(({ name, type }): [string, string][] => {
    const enricher = loaded.find((row) => row.name === name)?.id ?? 0;
    const entries = byId(vulnerabilities, ({ doc }) => {
      const records = facts.get(doc)?.get(enricher);
      return records && `[${records}]`;
    });
    return entries === '{}' && name !== CVSS ? [] : [[type, `[${entries}]`]];
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
  return byId(vulnerabilities, ({ doc }) => (doc.aliases?.length ? JSON.stringify(doc.aliases) : undefined));
}
