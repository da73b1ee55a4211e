/** Findings of an image by source package, with the upgrade that resolves most of them. */
import type { Ecosystem } from '../../../contract/ecosystem.ts';
import type { VersionScheme } from '../../../contract/version-scheme.ts';
import type { ConsolePackage, Counts } from '../../../model/api/console/types.ts';
import { shownRisk } from '../../../model/risk.ts';
import { rankOf, type Severity } from '../../../model/severity.ts';
import { sortFixes } from '../../shown/fixes.ts';
import type { PlacedFinding } from './filter-findings.ts';
import { whyOf } from './finding-wire.ts';

export interface PackageGroup {
  readonly wire: ConsolePackage;
  /** Exact; what `wire` has is rounded. */
  readonly risk: number;
  /** That the upgrade removes. */
  readonly fixableRisk: number;
  readonly severity: Severity;
}

/** How versions of a type of packages are ordered. */
export type VersionsOf = (type: string) => VersionScheme | undefined;

export function versionsByType(ecosystems: readonly Ecosystem[]): VersionsOf {
  const schemes = new Map(
    ecosystems.flatMap(({ type, detectors, versions }) =>
      detectors.filter(({ kind }) => kind === 'package').map(({ id }) => [type ?? id, versions] as const),
    ),
  );
  return (type) => schemes.get(type);
}

export function countsOf(findings: readonly { readonly severity: Severity }[]): Counts {
  const counts = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 };
  for (const { severity } of findings) counts[severity.toLowerCase() as keyof Counts]++;
  return counts;
}

/** One for each vulnerability and source package, however many binaries: as the risk of images is added up. */
export function riskOfAll(findings: readonly PlacedFinding[]): number {
  const units = new Map<string, number>();
  for (const { type, source, cve, risk } of findings) {
    const key = `${type}\0${source}\0${cve}`;
    units.set(key, Math.max(units.get(key) ?? 0, risk));
  }
  return [...units.values()].reduce((sum, risk) => sum + risk, 0);
}

/** `all`: findings that the filter lets through; groups in no order. */
export function groupPackages(all: readonly PlacedFinding[], versionsOf: VersionsOf): PackageGroup[] {
  const groups = Map.groupBy(all, ({ type, source, version }) => `${type}\0${source}\0${version}`);
  return [...groups.values()].map((findings) => groupOf(findings, versionsOf));
}

function groupOf(findings: readonly PlacedFinding[], versionsOf: VersionsOf): PackageGroup {
  const [first] = findings;
  const { type, source, version, purl, origin, layer } = first!;
  const open = findings.filter(({ closes }) => !closes);
  const fixable = open.filter(({ fixes }) => fixes.length > 0);
  // From the last version on, nothing that has a fix affects it any more.
  const target = sortFixes(
    fixable.map(({ fixes }) => fixes.at(-1)!),
    versionsOf(type),
  ).at(-1);
  const risk = riskOfAll(open);
  const top = findings.toSorted((a, b) => b.risk - a.risk)[0]!;
  const worst = findings.reduce((a, b) => (rankOf(a.severity) >= rankOf(b.severity) ? a : b));
  const epss = findings.flatMap((each) => each.epss ?? []);
  return {
    risk,
    fixableRisk: riskOfAll(fixable),
    severity: worst.severity,
    wire: {
      type,
      source,
      binaries: [...new Set(findings.map(({ name }) => name))].sort(),
      purl,
      version,
      upgrade: target === undefined ? null : { version: target, fixes: fixable.length, of: open.length },
      counts: countsOf(open),
      exploited: open.filter(({ exploited }) => exploited).length,
      epss_max: epss.length === 0 ? null : Math.max(...epss),
      risk: shownRisk(risk),
      why: whyOf({ ...top, fixable: top.fixes.length > 0 }),
      origin,
      layer,
      paths: [...new Set(findings.map(({ path }) => path))].filter(Boolean).slice(0, 20),
      decided: findings.length - open.length,
    },
  };
}

const ORDERS: Readonly<Record<string, (a: PackageGroup, b: PackageGroup) => number>> = {
  risk: (a, b) => a.risk - b.risk,
  severity: (a, b) => rankOf(a.severity) - rankOf(b.severity) || a.risk - b.risk,
  fixes: (a, b) => (a.wire.upgrade?.fixes ?? 0) - (b.wire.upgrade?.fixes ?? 0),
  epss: (a, b) => (a.wire.epss_max ?? -1) - (b.wire.epss_max ?? -1),
  name: (a, b) => (a.wire.source < b.wire.source ? -1 : Number(a.wire.source > b.wire.source)),
};

export function sortGroups(groups: readonly PackageGroup[], sort: string): PackageGroup[] {
  const [sign, key] = sort.startsWith('-') ? [-1, sort.slice(1)] : [1, sort];
  return groups.toSorted((a, b) => sign * ORDERS[key]!(a, b) || ORDERS.name!(a, b));
}
