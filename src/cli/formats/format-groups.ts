/** Text of grouped findings: a heading with the upgrade, then a line for each vulnerability. */

import { shownRisk } from '../../model/risk.ts';
import type { Grouping } from '../policy/policy-options.ts';
import { printable } from '../terminal/printable.ts';
import { wrap } from '../terminal/wrap.ts';
import { notesOf } from './finding-columns.ts';
import type { Group } from './group-findings.ts';
import { upgradeText } from './upgrades.ts';
import type { ReportFinding } from './view.ts';
import { otherNames } from './words.ts';

/** Returns the lines, at most `columns` wide; undefined: no limit. */
export function formatGroups(groups: readonly Group[], by: Grouping, columns: number | undefined): string[] {
  return groups.flatMap((group) => [
    ...headings(group, by).flatMap((line, index) => wrap(index === 0 ? line : `  ${line}`, columns, '    ')),
    ...linesOf(group, by).flatMap((line) => wrap(`  ${line}`, columns, '    ')),
    '',
  ]);
}

function headings({ findings, risk, upgrade }: Group, by: Grouping): string[] {
  const [first] = findings as readonly [ReportFinding];
  const advice = upgrade && `upgrade ${printable(upgradeText(upgrade))}`;
  const count = `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`;
  if (by === 'upgrade') return [advice ?? `no fix known: ${count}`];
  if (by === 'cve') {
    const others = printable(otherNames(first));
    return [
      `${printable(first.id)}${others === '' ? '' : ` (${others})`}  ${count}, risk ${shownRisk(risk).toFixed(1)}`,
    ];
  }
  const names = [...new Set(findings.map((finding) => finding.package))].sort().map(printable).join(', ');
  const { type, version, sourcePackage = first.package } = first;
  return [
    `${printable(sourcePackage)} ${printable(version)} (${type}${names === printable(sourcePackage) ? '' : `: ${names}`})  ${count}, risk ${shownRisk(risk).toFixed(1)}`,
    ...(advice === undefined ? [] : [advice]),
  ];
}

/** Returns the lines of a group. Equal entries of several packages are one line. */
function linesOf({ findings, upgrade }: Group, by: Grouping): string[] {
  const texts = findings.map((finding) => {
    const { severity, fixedIn, risk } = finding;
    const notes = printable(notesOf(finding));
    const rating = `${severity}  ${shownRisk(risk).toFixed(1)}${notes === '' ? '' : `  ${notes}`}`;
    const place = `${printable(finding.package)} ${printable(finding.version)}`;
    const fix = fixedIn === '' ? 'no fix' : `fixed in ${printable(fixedIn)}`;
    if (by === 'cve') return { line: `${place} (${finding.type})  ${rating}  ${fix}`, name: '' };
    const line = `${printable(finding.id)}  ${rating}  ${fix}`;
    const name = by === 'upgrade' && upgrade === undefined ? place : printable(finding.package);
    return { line, name };
  });
  return [...Map.groupBy(texts, ({ line }) => line)].map(([line, same]) => {
    const names = [...new Set(same.map(({ name }) => name))].filter(Boolean);
    return names.length === 0 ? line : `${line}  ${names.join(', ')}`;
  });
}
