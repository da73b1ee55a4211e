/** Which findings a report shows, and which it only accounts for: filtered out, ignored, or said not to matter. */

import type { Severity } from '../../model/severity.ts';
import type { ComponentName } from '../../sbom/gather-packages.ts';

/** What the decisions are made by. */
export interface Judged {
  readonly id: string;
  readonly aliases: readonly string[];
  /** Those of its names that are vulnerabilities of their own: it is about all of them. */
  readonly covers?: readonly string[];
  readonly package: string;
  readonly version: string;
  readonly type: string;
  readonly purl: string;
  readonly fixedIn: string;
  readonly severity: Severity;
  readonly epss?: number;
  readonly exploited: boolean;
  readonly paths: readonly string[];
  /** Package URL of the package that it was built from; '' if there is none. */
  readonly sourcePurl?: string;
  /** Of an SBOM that was scanned: the components that the package is. */
  readonly components?: readonly ComponentName[];
}

/** Why a finding does not count. */
export interface Suppression {
  readonly kind: 'ignored' | 'vex';
  /** File and line, or document and statement. */
  readonly source: string;
  readonly status: 'accepted' | 'not_affected' | 'fixed';
  /** Of VEX, e.g. `vulnerable_code_not_in_execute_path`; '' if it says none. */
  readonly justification: string;
  /** In words; '' if nobody gave any. */
  readonly reason: string;
}

/** Something that may say of a finding that it does not count. */
export interface Suppressor {
  /** undefined: it has nothing to say. */
  suppress(finding: Judged): Suppression | undefined;
  /** What is to be told when all findings were shown to it: entries that are expired or fit nothing. */
  notices(): readonly string[];
}

export interface Policy {
  /** Those that are shown; undefined: all. */
  readonly severities?: ReadonlySet<Severity>;
  /** What has no fix does not count. */
  readonly onlyFixed: boolean;
  /** What has a fix is not shown, and still counts. */
  readonly onlyNotFixed?: boolean;
  /** What is not reachable by linking is shown, and does not count. */
  readonly onlyLinked?: boolean;
  readonly suppressors: readonly Suppressor[];
}

/** By position of the finding. */
export interface Selection {
  readonly shown: readonly number[];
  readonly suppressed: readonly { readonly position: number; readonly by: Suppression }[];
  /** Without a fix, and `onlyFixed`. */
  readonly unfixed: readonly number[];
  /** With a fix, and `onlyNotFixed`. They still count for `--fail-on`. */
  readonly fixed: readonly number[];
  /** Of a severity that is not shown. They still count for `--fail-on`. */
  readonly otherSeverity: readonly number[];
  /** Of all these, what is not reachable by linking does not count. */
  readonly onlyLinked?: boolean;
  readonly notices: readonly string[];
}

/** Every finding goes into exactly one of the lists; who suppresses is asked first, in order. */
export function select(findings: readonly Judged[], policy: Policy): Selection {
  const { severities, onlyFixed, onlyNotFixed, onlyLinked = false, suppressors } = policy;
  const [shown, unfixed, fixed, otherSeverity]: [number[], number[], number[], number[]] = [[], [], [], []];
  const suppressed: { position: number; by: Suppression }[] = [];
  for (const [position, finding] of findings.entries()) {
    // All are asked: an entry that another one made needless still fits something.
    const by = suppressionOf(finding, suppressors);
    if (by !== undefined) suppressed.push({ position, by });
    else if (onlyFixed && finding.fixedIn === '') unfixed.push(position);
    else if (onlyNotFixed && finding.fixedIn !== '') fixed.push(position);
    else if (severities !== undefined && !severities.has(finding.severity)) otherSeverity.push(position);
    else shown.push(position);
  }
  const notices = suppressors.flatMap((each) => each.notices());
  return { shown, suppressed, unfixed, fixed, otherSeverity, notices, ...(onlyLinked && { onlyLinked }) };
}

/** Of a finding that is about several vulnerabilities, either as a whole or each of them: one alone leaves the others. */
function suppressionOf(finding: Judged, suppressors: readonly Suppressor[]): Suppression | undefined {
  const ask = (one: Judged): Suppression | undefined =>
    suppressors.map((each) => each.suppress(one)).find((each) => each !== undefined);
  const { covers = [] } = finding;
  if (covers.length < 2) return ask(finding);
  const whole = { ...finding, aliases: finding.aliases.filter((alias) => !covers.includes(alias)) };
  const each = covers.map((id) => ask({ ...finding, id, aliases: [] }));
  return (
    (covers.includes(finding.id) ? undefined : ask(whole)) ?? (each.includes(undefined) ? undefined : each[0])
  );
}
