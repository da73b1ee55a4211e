/** Errata of rpm distributions in OSV: notices of updates, `Important: nodejs:20 security update`, some of security. */
import { ANY_MODULE } from '../../model/advisory.ts';
import type { Severity } from '../../model/severity.ts';
import { isModular } from '../versions/module-stream.ts';

/** What is read of a record. */
export interface Erratum {
  readonly id: string;
  readonly summary?: string | undefined;
  readonly aliases: readonly string[];
  readonly upstream: readonly string[];
  readonly related: readonly string[];
}

const CVE = /^CVE-\d{4}-\d{4,}$/;

/** `ALBA-…`, `RLEA-…`, `SUSE-RU-…`, `openSUSE-FU-…`: bug fixes, enhancements, recommended and feature updates. */
const OTHER_KIND = /^(?:[A-Z]{2}[BE]A|(?:open)?SUSE-[FOR]U)-/;

const SEVERITIES: Readonly<Record<string, Severity>> = {
  low: 'Low',
  moderate: 'Medium',
  important: 'High',
  critical: 'Critical',
};

/** Whether it is about a vulnerability: notices of bug fixes are only if they name a CVE. */
export function isOfSecurity(erratum: Erratum): boolean {
  return !OTHER_KIND.test(erratum.id) || aliasesOfErratum(erratum).some((id) => CVE.test(id));
}

/** What an update is about is listed as upstream of it, or, by older converters, as related. */
export function aliasesOfErratum({ aliases, upstream, related }: Erratum): string[] {
  return [...new Set([...aliases, ...upstream, ...related.filter((id) => CVE.test(id))])];
}

/** The distribution's own rating, in front of the summary; undefined if there is none. */
export function severityOfErratum({
  summary = '',
}: Erratum): { severity: string; normalizedSeverity: Severity } | undefined {
  const severity = /^(low|moderate|important|critical):/i.exec(summary)?.[1];
  if (severity === undefined) return undefined;
  return { severity, normalizedSeverity: SEVERITIES[severity.toLowerCase()] ?? 'Unknown' };
}

/**
 * The module streams that a fix is in: its release says that it is of one, the summary of which; of any, if that is not
 * told. [undefined] for a package of no module.
 */
export function modulesOf(summary: string, fixed = ''): readonly (string | undefined)[] {
  if (!isModular(fixed)) return [undefined];
  const about = summary.replace(/^\w+:\s/, '');
  const modules = [...about.matchAll(/(?<![\w:.+-])([a-z][\w.+-]*:[\w.+-]*\w)/gi)].map(
    ([, module]) => module,
  );
  return modules.length === 0 ? [ANY_MODULE] : [...new Set(modules)];
}
