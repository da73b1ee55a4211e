/** Texts that all formats share: what is missing or omitted, why, and the remediation. */

import { counted } from '../../lib/counted.ts';
import type { Suppression } from '../policy/selection.ts';
import { acceptedText, missingText, otherProblems } from './coverage-text.ts';
import type { ReportFinding, View } from './view.ts';

/** Returns a line for everything that is missing from the report. Every format must show them. */
export function caveats({ incomplete, accepted, problems, example }: View): string[] {
  return [
    ...(example === undefined ? [] : [`Example data: ${example}`]),
    ...incomplete.map((entry) => `Not checked: ${missingText(entry)}`),
    ...otherProblems(problems, [...incomplete, ...accepted]).map(
      ({ source, where, reason }) => `Not read: ${source}: ${where}: ${reason}`,
    ),
  ];
}

/** Returns a line with the age of each feed. */
export function freshness({ feeds }: View): string[] {
  return feeds.map(
    ({ name, scope, state, last_success: at, rows }) =>
      `${scope}: ${name}, ${counted(rows, 'advisory', 'advisories')}, ${at === undefined ? 'never loaded' : `loaded ${at}`}${state === 'ok' ? '' : `, ${state}`}`,
  );
}

/** Returns a line for each reason for which findings are omitted, and for each notice about the files that cause it. */
export function omissions(view: View): string[] {
  const { summary, suppressed: list, accepted, notices } = view;
  const { suppressed, hidden } = summary;
  const by = [...Map.groupBy(list, ({ suppression: { source } }) => fileOf(source))].map(
    ([file, { length }]) => `${length} by ${file}`,
  );
  return [
    ...(suppressed > 0 ? [`Suppressed: ${counted(suppressed, 'finding')} (${by.join(', ')})`] : []),
    ...(hidden.unfixed > 0
      ? [`Hidden: ${counted(hidden.unfixed, 'finding')} without a fix (--only-fixed)`]
      : []),
    ...(hidden.fixed > 0 ? [`Hidden: ${counted(hidden.fixed, 'finding')} with a fix (--only-notfixed)`] : []),
    ...(hidden.otherSeverity > 0
      ? [`Hidden: ${counted(hidden.otherSeverity, 'finding')} of other severities (--severity)`]
      : []),
    ...accepted.map((entry) => `Accepted: ${acceptedText(entry)}`),
    ...notices.map((notice) => `Note: ${notice}`),
  ];
}

/** Returns the file of a source: `ignore.yaml` for `ignore.yaml:7`, `vex.json` for `vex.json: statements[1]`. */
function fileOf(source: string): string {
  return source.replace(/(: \S+|:\d+)$/, '');
}

/** Returns the reason why a finding does not count. */
export function suppressionText({ kind, status, justification, reason, source }: Suppression): string {
  const what = kind === 'ignored' ? 'ignored' : status === 'fixed' ? 'fixed' : 'not affected';
  const why = [justification.replaceAll('_', ' '), reason].filter((part) => part !== '').join(': ');
  return `${what}${why === '' ? '' : `: ${why}`} (${source})`;
}

/** Text for a finding whose version could not be compared. */
export const UNDECIDED = 'The version could not be compared: it may be affected.';

/** Mark of findings whose vulnerable code is not in the program. */
export const NOT_LINKED = 'not reachable by linking';

/** Returns the number of such findings and whether they count; '' if there are none. */
export function notLinkedText({ summary: { notLinked, countsNotLinked } }: View): string {
  if (notLinked === 0) return '';
  const counts = countsNotLinked
    ? 'They count for --fail-on unless --linked is set'
    : 'They do not count for --fail-on (--linked)';
  return `${counted(notLinked, 'finding')} ${NOT_LINKED}: the vulnerable code is not in the program. ${counts}.`;
}

/** Returns what decided whether the vulnerable code is present; '' if unknown. */
export function linkedText({ linked, linkedNames = [] }: ReportFinding): string {
  const names = linkedNames.join(', ');
  switch (linked) {
    case 'no':
      return `The vulnerable code is not in the program: it lacks ${names}.`;
    case 'package':
    case 'symbol':
      return `The vulnerable code is in the program: ${names}.`;
    case 'unknown':
      return '';
  }
}

/** Returns the aliases of a finding as one text; '' if it has none. */
export function otherNames({ aliases }: ReportFinding, separator = ', '): string {
  return aliases.join(separator);
}

/** Returns the sources of a finding as one text. */
export function sourcesText({ sources }: ReportFinding): string {
  return [...new Set(sources.map(({ feed, id }) => `${feed} (${id})`))].join(', ');
}

/** Returns the remediation of a finding. */
export function updateAdvice({ package: name, fixedIn }: ReportFinding): string {
  return fixedIn === '' ? 'No fixed version is known.' : `Update ${name} to ${fixedIn} or later.`;
}

/** Returns the text for a report without shown findings. */
export function emptyVerdict({ complete, packages, summary: { suppressed, hidden } }: View): string {
  if (suppressed + hidden.unfixed + hidden.fixed + hidden.otherSeverity > 0)
    return 'All findings are hidden or suppressed.';
  if (!complete) return 'No findings in the packages that were checked. The scan is incomplete.';
  return packages === 0 ? 'No packages found.' : 'No known vulnerabilities.';
}
