/** Upgrades: what of a package one newer version takes away. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { ReportFinding } from './view.ts';

export interface Upgrade {
  /** The source that its packages are built from, or the package itself. */
  readonly name: string;
  readonly type: string;
  readonly from: string;
  /** The highest of the fixes. */
  readonly to: string;
  /** All that have a fix of this package. */
  readonly fixes: readonly ReportFinding[];
  /** Sum over `fixes`. */
  readonly risk: number;
}

/** What is upgraded as one: packages of a source in one version. */
export function upgradeKey({ type, sourcePackage, package: name, version }: ReportFinding): string {
  return JSON.stringify([type, sourcePackage ?? name, version]);
}

/** One for each package that has a fix for anything; those that take away most risk first. */
export function upgradesOf(findings: readonly ReportFinding[], ecosystems: readonly Ecosystem[]): Upgrade[] {
  const fixable = findings.filter(({ fixedIn }) => fixedIn !== '');
  return [...Map.groupBy(fixable, upgradeKey).values()]
    .map((fixes) => upgradeOf(fixes, ecosystems))
    .sort((a, b) => b.risk - a.risk);
}

/** Of findings of one key, all with a fix. */
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

/** By the order of the ecosystem; versions that it cannot read are named beside the highest: nobody knows which is higher. */
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

/** `openssl 3.0.11 -> 3.0.15: fixes 14, 2 of them exploited` */
export function upgradeText({ name, from, to, fixes }: Upgrade): string {
  const exploited = fixes.filter((finding) => finding.exploited).length;
  return `${name} ${from} -> ${to}: fixes ${fixes.length}${exploited > 0 ? `, ${exploited} of them exploited` : ''}`;
}
