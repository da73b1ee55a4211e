/** From an index report to what is looked up: records, then what the ecosystems look up for them. */

import type { Ecosystem } from '../contract/ecosystem.ts';
import type { Lookup } from '../contract/lookup.ts';
import type { VersionScheme } from '../contract/version-scheme.ts';
import { messageOf } from '../errors.ts';
import type { IndexedPackage, IndexRecord, IndexReport } from '../model/index-report.ts';
import type { Distribution, Package, Problem, Repository } from '../model/package.ts';

/** A look-up, how its versions are ordered, and the packages (by position in the report) that it stands for. */
export interface ReportLookup {
  readonly lookup: Lookup;
  readonly versions: VersionScheme;
  readonly packages: readonly number[];
}

export interface IdentifiedLookup extends ReportLookup {
  /** Equal where the same is looked up, in all reports. */
  readonly id: string;
}

export interface ReportLookups {
  /** Each once, however many packages and records have it. */
  readonly lookups: readonly IdentifiedLookup[];
  /** By position in the report: groups of scopes, of each of which at least one has to be known. */
  readonly scopes: readonly (readonly string[])[][];
  /** The same for the distributions of the report, whether it has packages of them or not. */
  readonly scopesOfDistributions: readonly (readonly string[])[];
  /** Ecosystems that could not say what is looked up for a record. */
  readonly problems: readonly Problem[];
}

/** All that has to be looked up for `report`. */
export function lookupsOf(report: IndexReport, ecosystems: readonly Ecosystem[]): ReportLookups {
  const lookups = new Map<string, IdentifiedLookup & { packages: number[] }>();
  const problems: Problem[] = [];
  const ofDistributions = new Map(ecosystems.map((each) => [each, new Map<string, Set<string>>()]));
  const concerned = byRepository(ecosystems);
  const scopes = report.packages.map((indexed, position) => {
    const groups: string[][] = [];
    for (const record of recordsOf(indexed)) {
      for (const ecosystem of concerned(record.repository?.name)) {
        const found = recordLookups(ecosystem, record, problems);
        if (found.length === 0) continue;
        const group = scopesOf(found, undefined);
        groups.push(group, ...scopesOf(found, true).map((scope) => [scope]));
        const ofPackages = ofDistributions.get(ecosystem)!;
        const owner = jsonOf(record.distribution);
        const known = ofPackages.get(owner);
        if (known === undefined) ofPackages.set(owner, new Set(group));
        else for (const scope of group) known.add(scope);
        for (const each of found) {
          const id = idOf(ecosystem, each);
          const lookup = lookups.get(id);
          if (lookup === undefined)
            lookups.set(id, { id, lookup: each, versions: ecosystem.versions, packages: [position] });
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
    recordLookups(ecosystem, record, []).map((lookup) => idOf(ecosystem, lookup)),
  );
}

/** Ecosystems that may look something up for packages of a repository: asking all 45 for each package takes half the time of all this. */
function byRepository(ecosystems: readonly Ecosystem[]): (name: string | undefined) => readonly Ecosystem[] {
  const known = new Map<string | undefined, readonly Ecosystem[]>();
  return (name) => {
    let found = known.get(name);
    if (found === undefined) {
      found = ecosystems.filter(({ repository }) => repository === undefined || repository === name);
      known.set(name, found);
    }
    return found;
  };
}

/** The scopes, each once, of the lookups that are as `alone` says. */
function scopesOf(found: readonly Lookup[], alone: true | undefined): string[] {
  const scopes: string[] = [];
  for (const each of found) if (each.alone === alone && !scopes.includes(each.scope)) scopes.push(each.scope);
  return scopes;
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
  const [only] = environments;
  // Almost all packages are in one place.
  if (only !== undefined && environments.length === 1 && (only.repositories?.length ?? 0) < 2)
    return [recordOf(pkg, only.distribution, only.repositories?.[0])];
  const records = new Map<string, IndexRecord>();
  for (const { distribution, repositories = [] } of environments) {
    for (const repository of repositories.length === 0 ? [undefined] : repositories) {
      records.set(`${jsonOf(distribution)} ${jsonOf(repository)}`, recordOf(pkg, distribution, repository));
    }
  }
  return [...records.values()];
}

function recordOf(pkg: Package, distribution?: Distribution, repository?: Repository): IndexRecord {
  if (repository === undefined) return distribution ? { package: pkg, distribution } : { package: pkg };
  return distribution ? { package: pkg, distribution, repository } : { package: pkg, repository };
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

function idOf(ecosystem: Ecosystem, { scope, name, kind, version, arch = '', module = '' }: Lookup): string {
  return [ecosystem.versions.id, scope, name, kind, version, arch, module].join('\0');
}
