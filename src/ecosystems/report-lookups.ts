/** From an index report to what is looked up: records, then what the ecosystems look up for them. */

import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Lookup } from '../contract/lookup.ts';
import type { VersionScheme } from '../contract/version-scheme.ts';
import { messageOf } from '../errors.ts';
import type { IndexedPackage, IndexRecord, IndexReport } from '../model/index-report.ts';
import type { Package, Problem } from '../model/package.ts';

/** A look-up, how its versions are ordered, and the packages (by position in the report) that it stands for. */
export interface ReportLookup {
  readonly lookup: Lookup;
  readonly versions: VersionScheme;
  readonly packages: readonly number[];
}

export interface ReportLookups {
  /** Each once, however many packages and records have it. */
  readonly lookups: readonly ReportLookup[];
  /** By position in the report: groups of scopes, of each of which at least one has to be known. */
  readonly scopes: readonly (readonly string[])[][];
  /** The same for the distributions of the report, whether it has packages of them or not. */
  readonly scopesOfDistributions: readonly (readonly string[])[];
  /** Ecosystems that could not say what is looked up for a record. */
  readonly problems: readonly Problem[];
}

/** All that has to be looked up for `report`. */
export function lookupsOf(report: IndexReport, ecosystems: readonly Ecosystem[]): ReportLookups {
  const lookups = new Map<string, ReportLookup & { packages: number[] }>();
  const problems: Problem[] = [];
  const ofDistributions = new Map(ecosystems.map((each) => [each, new Map<string, Set<string>>()]));
  const scopes = report.packages.map((indexed, position) => {
    const groups: string[][] = [];
    for (const record of recordsOf(indexed)) {
      for (const ecosystem of ecosystems) {
        const found = recordLookups(ecosystem, record, problems);
        if (found.length > 0) {
          const group = scopesOf(found.filter(({ alone }) => !alone));
          groups.push(group, ...scopesOf(found.filter(({ alone }) => alone)).map((scope) => [scope]));
          const ofPackages = ofDistributions.get(ecosystem)!;
          const owner = jsonOf(record.distribution);
          const known = ofPackages.get(owner);
          if (known === undefined) ofPackages.set(owner, new Set(group));
          else for (const scope of group) known.add(scope);
        }
        for (const each of found) {
          const key = keyOf(ecosystem, each);
          const lookup = lookups.get(key);
          if (lookup === undefined)
            lookups.set(key, { lookup: each, versions: ecosystem.versions, packages: [position] });
          else if (lookup.packages.at(-1) !== position) lookup.packages.push(position);
        }
      }
    }
    return groups;
  });
  // A distribution whose packages are looked up by their repositories is known where those are.
  const scopesOfDistributions = report.distributions.map((distribution) =>
    ecosystems.flatMap((ecosystem) => {
      const probed = recordLookups(ecosystem, { package: PROBE, distribution }, problems);
      const ofPackages = ofDistributions.get(ecosystem)?.get(jsonOf(distribution));
      return probed.length === 0 ? [] : [...probed.map(({ scope }) => scope), ...(ofPackages ?? [])];
    }),
  );
  return { lookups: [...lookups.values()], scopes, scopesOfDistributions, problems };
}

/** What `ecosystem` looks up for a package, as texts that are equal where the same is looked up. */
export function lookupKeysOf(indexed: IndexedPackage, ecosystem: Ecosystem): string[] {
  return recordsOf(indexed).flatMap((record) =>
    recordLookups(ecosystem, record, []).map((lookup) => keyOf(ecosystem, lookup)),
  );
}

function scopesOf(found: readonly Lookup[]): string[] {
  return [...new Set(found.map(({ scope }) => scope))];
}

/** The scopes in which something is looked up for `report`, by ecosystem: only those that have some. */
export function scopesByEcosystem(
  report: IndexReport,
  ecosystems: readonly Ecosystem[],
): Map<Ecosystem, ReadonlySet<string>> {
  const records = [
    ...report.packages.flatMap(recordsOf),
    ...report.distributions.map((distribution) => ({ package: PROBE, distribution })),
  ];
  const all = new Map<Ecosystem, ReadonlySet<string>>();
  for (const ecosystem of ecosystems) {
    const scopes = new Set<string>();
    for (const record of records)
      for (const { scope } of recordLookups(ecosystem, record, [])) scopes.add(scope);
    if (scopes.size > 0) all.set(ecosystem, scopes);
  }
  return all;
}

/** Any package: shows which scopes its distribution has. */
const PROBE: Package = { name: 'probe', version: '0', kind: 'binary' };

/** One record for each place and each repository there; places that come to the same are one. */
function recordsOf({ package: pkg, environments }: IndexedPackage): IndexRecord[] {
  const records = new Map<string, IndexRecord>();
  for (const { distribution, repositories = [] } of environments) {
    for (const repository of repositories.length === 0 ? [undefined] : repositories) {
      records.set(`${jsonOf(distribution)} ${jsonOf(repository)}`, {
        package: pkg,
        ...(distribution && { distribution }),
        ...(repository && { repository }),
      });
    }
  }
  return [...records.values()];
}

const jsons = new WeakMap<object, string>();

/** The JSON of a distribution or repository. All packages of a report share those objects: it is written once for each. */
function jsonOf(shared: object | undefined): string {
  if (shared === undefined) return '';
  const known = jsons.get(shared);
  if (known !== undefined) return known;
  const json = JSON.stringify(shared);
  jsons.set(shared, json);
  return json;
}

function recordLookups(ecosystem: Ecosystem, record: IndexRecord, problems: Problem[]): readonly Lookup[] {
  try {
    return ecosystem.lookups(record);
  } catch (error) {
    const { name, version } = record.package;
    problems.push({ source: ecosystem.id, where: `${name} ${version}`, reason: messageOf(error) });
    return [];
  }
}

function keyOf(ecosystem: Ecosystem, { scope, name, kind, version, arch, module }: Lookup): string {
  return [ecosystem.versions.id, scope, name, kind, version, arch ?? '', module ?? ''].join('\0');
}
