/** Upgrades: the findings that a newer version of a package fixes. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { ReportFinding } from './view.ts';

export interface Upgrade {
  /** Source package, or the package itself. */
  readonly name: string;
  readonly type: string;
  readonly from: string;
  /** Highest fixed version. */
  readonly to: string;
  /** All findings with a fix in this package. */
  readonly fixes: readonly ReportFinding[];
  /** Sum of the risk of `fixes`. */
  readonly risk: number;
}

/** Returns the key of packages that are upgraded together: one source package in one version. */
export function upgradeKey({ type, sourcePackage, package: name, version }: ReportFinding): string {
  return JSON.stringify([type, sourcePackage ?? name, version]);
}

/** Returns an upgrade for each package with a fix, most risk first. */
export function upgradesOf(findings: readonly ReportFinding[], ecosystems: readonly Ecosystem[]): Upgrade[] {
  const fixable = findings.filter(({ fixedIn }) => fixedIn !== '');
  return [...Map.groupBy(fixable, upgradeKey).values()]
    .map((fixes) => upgradeOf(fixes, ecosystems))
    .sort((a, b) => b.risk - a.risk);
}

/** Returns the upgrade for findings with one key, all with a fix. */
export function upgradeOf(fixes: readonly ReportFinding[], ecosystems: readonly Ecosystem[]): Upgrade {
  const { type, version, sourcePackage, package: name } = fixes[0]!;
  return {
    name: sourcePackage ?? name,
    type,
    from: version,
    to: highest([...new Set(fixes.map(({ fixedIn }) => fixedIn))], type, ecosystems),
    fixes,
    risk: fixes.reduce((sum, { risk }) => sum + risk, 0),
  };
}

/** Returns the highest version in the ecosystem's order, followed by versions that it cannot parse and so cannot compare. */
function highest(versions: readonly string[], type: string, ecosystems: readonly Ecosystem[]): string {
  const scheme = ecosystems.find(
    (each) => each.type === type || each.detectors.some(({ id }) => id === type),
  )?.versions;
  const read = versions.map((text) => ({ text, version: scheme?.parse(text) }));
  const known = read.filter(({ version }) => version !== undefined);
  const top = known.toSorted((a, b) => scheme!.compare(b.version, a.version)).slice(0, 1);
  const unread = read.filter(({ version }) => version === undefined);
  return [...top, ...unread].map(({ text }) => text).join(' or ');
}

/** Returns an upgrade as text: `openssl 3.0.11 -> 3.0.15: fixes 14, 2 of them exploited`. */
export function upgradeText({ name, from, to, fixes }: Upgrade): string {
  const exploited = fixes.filter((finding) => finding.exploited).length;
  return `${name} ${from} -> ${to}: fixes ${fixes.length}${exploited > 0 ? `, ${exploited} of them exploited` : ''}`;
}
