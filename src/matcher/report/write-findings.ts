/** Writes findings into a report: see `FindingWire`. */

import type { Finding } from '../findings/find.ts';
import type { JsonWriter } from './json-writer.ts';
import type { Numbered } from './numbered.ts';
import type { FindingWire } from './report-wire.ts';

/** `packageIds`: the wire's id of each package of the report. */
export function writeFindings(
  out: JsonWriter,
  findings: readonly Finding[],
  packageIds: readonly string[],
  { numbers }: Numbered,
): void {
  out.text('[');
  for (const [index, finding] of findings.entries()) {
    out.text((index === 0 ? '' : ',') + JSON.stringify(toWire(finding, packageIds, numbers)));
  }
  out.text(']');
}

function toWire(
  finding: Finding,
  packageIds: readonly string[],
  numbers: ReadonlyMap<number, number>,
): FindingWire {
  const { position, name, aliases, covers, advisories, severity, severitySource, cvss, epss, fixes, linked } =
    finding;
  const fixedIn = fixes.at(-1);
  return {
    package: packageIds[position]!,
    name,
    ...(aliases.length > 0 && { aliases: [...aliases] }),
    ...(covers.length > 0 && { covers: [...covers] }),
    vulnerabilities: [...new Set(advisories.map((id) => String(numbers.get(id))))],
    severity,
    ...(severitySource !== undefined && { severity_source: severitySource }),
    ...(cvss && { cvss }),
    ...(epss !== undefined && { epss }),
    ...(finding.exploited && { exploited: true }),
    ...(finding.notes && { notes: [...finding.notes] }),
    ...(fixedIn !== undefined && { fixed_in: fixedIn }),
    ...(fixes.length > 1 && { fixes: [...fixes] }),
    ...(finding.undecided && { undecided: true }),
    ...(linked && { linked: linked.state }),
    ...(linked && linked.names.length > 0 && { linked_names: [...linked.names] }),
  };
}
