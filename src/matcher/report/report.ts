/** Writes the VulnerabilityReport: JSON text is put together from pieces, most of which were made at import. */
import type { Enricher } from '../../contract/enricher.ts';
import type { IndexReport } from '../../model/index-report.ts';
import type { IndexReportWire } from '../../model/index-report-wire.ts';
import type { Finding } from '../findings/find.ts';
import type { Hits, Matches } from '../matching/match.ts';
import { scopeOf } from '../shown/vulnerability-json.ts';
import { feedState } from '../store/feed-status.ts';
import { coverageOf } from './coverage.ts';
import { type JsonWriter, writeJson } from './json-writer.ts';
import { type Numbered, numberVulnerabilities, writeById } from './numbered.ts';
import { writeEnrichments } from './report-enrichments.ts';
import type { FeedWire } from './report-wire.ts';
import { writeFindings } from './write-findings.ts';

export interface ReportParts {
  readonly wire: IndexReportWire;
  /** The wire's id of each package of the report. */
  readonly packageIds: readonly string[];
  readonly matches: Matches;
  readonly findings: readonly Finding[];
  readonly enrichers: readonly Pick<Enricher, 'name' | 'type'>[];
  readonly now: Date;
}

/** The bytes of a VulnerabilityReport (see `VulnerabilityReportWire`). */
export function writeReport({ wire, packageIds, matches, findings, enrichers, now }: ReportParts): Buffer {
  const numbered = numberVulnerabilities(matches);
  const { report, affected, unaffected, undecided } = matches;
  return writeJson((out) => {
    const member = (key: string, value: unknown): void => {
      out.key(key);
      out.text(JSON.stringify(value));
    };
    out.open();
    member('manifest_hash', report.manifestHash);
    // Copied as the indexer wrote them; a Go indexer writes null for none.
    member('packages', packagesOf(wire, packageIds, report));
    member('distributions', wire.distributions ?? {});
    member('repository', wire.repository ?? {});
    member('environments', wire.environments ?? {});
    out.key('vulnerabilities');
    writeVulnerabilities(out, numbered, matches);
    out.key('package_vulnerabilities');
    writeIds(out, numbered, packageIds, affected);
    out.key('enrichments');
    writeEnrichments(out, numbered, matches, enrichers);
    if (unaffected.size > 0) {
      // differs: as newer Clairs do, assertions that a package is not affected are shown; they take nothing away (clair-matching.md#vulnerability-reports)
      out.key('PackageNotVulnerable');
      writeIds(out, numbered, packageIds, unaffected);
    }
    member('feeds', feedsOf(matches, now));
    const { incomplete, notices } = coverageOf(report, matches, now);
    member('incomplete', incomplete);
    out.key('undecided');
    writeIds(out, numbered, packageIds, undecided, affected);
    member('problems', [...report.problems, ...matches.problems]);
    member('notices', notices);
    if (wire.ledger !== undefined) member('ledger', wire.ledger);
    out.key('aliases');
    writeById(out, numbered, ({ aliasesJson }) => aliasesJson);
    out.key('findings');
    writeFindings(out, findings, packageIds, numbered);
    out.close();
  });
}

/** As the indexer wrote them, but for names that are known only now. */
function packagesOf(
  { packages }: IndexReportWire,
  packageIds: readonly string[],
  report: IndexReport,
): IndexReportWire['packages'] {
  const named = packageIds.flatMap((id, position) => {
    const written = packages?.[id];
    const { name } = report.packages[position]!.package;
    return written === undefined || written.name === name ? [] : [[id, { ...written, name }] as const];
  });
  return named.length === 0 ? (packages ?? {}) : { ...packages, ...Object.fromEntries(named) };
}

function writeVulnerabilities(
  out: JsonWriter,
  { vulnerabilities }: Numbered,
  { scopesOfAdvisories }: Matches,
): void {
  const scopes = new Map<number, Buffer>();
  for (const [id, scope] of scopesOfAdvisories) scopes.set(id, Buffer.from(scopeOf(scope)));
  out.open();
  let id = 0;
  for (const { head, scope, tail } of vulnerabilities) {
    out.key(++id);
    out.text(`{"id":"${id}",`);
    out.bytes(head);
    out.bytes(scopes.get(scope)!);
    out.text(tail);
  }
  out.close();
}

// differs: an id of a package comes once, in the order of their numbers; Clair repeats it for each record that matches
// (clair-matching.md#vulnerability-reports)
/** By package; those without any have no key. */
function writeIds(
  out: JsonWriter,
  { numbers }: Numbered,
  packageIds: readonly string[],
  hits: Hits,
  without?: Hits,
): void {
  out.open();
  for (const [position, packageId] of packageIds.entries()) {
    const advisories = hits.get(position);
    if (advisories === undefined) continue;
    const ids = new Set<number>();
    for (const advisory of advisories) ids.add(numbers.get(advisory)!);
    for (const advisory of without?.get(position) ?? []) ids.delete(numbers.get(advisory)!);
    if (ids.size === 0) continue;
    out.key(packageId);
    out.text(`["${Uint32Array.from(ids).sort().join('","')}"]`);
  }
  out.close();
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
