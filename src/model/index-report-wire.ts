/** The IndexReport as Clair writes it in JSON, and the way there and back. */

import type { z } from 'zod';
import { AppError } from '../errors.ts';
import type {
  Distribution as DistributionSchema,
  Environment as EnvironmentSchema,
  IndexReportBody,
  Package as PackageSchema,
  Repository as RepositorySchema,
} from './api/index-report.ts';
import { PROBLEM_KINDS } from './coverage.ts';
import { type Digest, parseDigest } from './digest.ts';
import type { IndexedPackage, IndexReport, IndexState } from './index-report.ts';
import { type JsonObject, listOf, recordOf, textOf } from './json-object.ts';
import { ledgerFromWire, ledgerToWire } from './ledger-wire.ts';
import { linkedFromWire, linkedToWire } from './linked-code-wire.ts';
import type {
  Clues,
  Distribution,
  Environment,
  Package,
  PackageKind,
  Problem,
  Repository,
} from './package.ts';

export type PackageWire = z.infer<typeof PackageSchema>;
export type DistributionWire = z.infer<typeof DistributionSchema>;
export type RepositoryWire = z.infer<typeof RepositorySchema>;
export type EnvironmentWire = z.infer<typeof EnvironmentSchema>;
/** `problems`, `origin`, `ledger` and `linked` are ours: Clair's own decoders ignore keys that they do not know. */
export type IndexReportWire = z.infer<typeof IndexReportBody>;

const DETECTOR_URN = 'urn:claircore:detector:';

/**
 * Numbers everything within the report, in the report's order: the same image gives the same bytes everywhere.
 * (Clair's ids are serial numbers of its database; clients only ever use them within one report.)
 */
export function toWire(report: IndexReport): IndexReportWire {
  const distributionIds = numbering(report.distributions.map(keyOfDistribution));
  const repositoryIds = numbering(report.repositories.map(keyOfRepository));
  let lastId = 0;
  const sources = new Map<string, PackageWire>();
  const packages: Record<string, PackageWire> = {};
  const environments: Record<string, EnvironmentWire[]> = {};
  for (const indexed of report.packages) {
    const sourceKey = JSON.stringify(indexed.package.source ?? null);
    let source = sources.get(sourceKey);
    if (source === undefined) {
      source = sourceToWire(indexed.package, String(++lastId));
      sources.set(sourceKey, source);
    }
    const id = String(++lastId);
    packages[id] = packageToWire(indexed.package, id, source);
    environments[id] = indexed.environments.map((environment) => ({
      package_db: environment.packageDb,
      introduced_in: environment.introducedIn,
      distribution_id:
        environment.distribution === undefined
          ? ''
          : (distributionIds.get(keyOfDistribution(environment.distribution)) ?? ''),
      repository_ids:
        environment.repositories?.flatMap(
          (repository) => repositoryIds.get(keyOfRepository(repository)) ?? [],
        ) ?? null,
    }));
  }
  return {
    manifest_hash: report.manifestHash,
    state: report.state,
    packages,
    distributions: Object.fromEntries(
      report.distributions.map((distribution, index) => [
        String(index + 1),
        distributionToWire(distribution, String(index + 1)),
      ]),
    ),
    repository: Object.fromEntries(
      report.repositories.map((repository, index) => [
        String(index + 1),
        repositoryToWire(repository, String(index + 1)),
      ]),
    ),
    environments,
    success: report.success,
    err: report.err,
    ...(report.problems.length > 0 && { problems: [...report.problems] }),
    ...(report.origin && { origin: report.origin }),
    ...(report.ledger && { ledger: ledgerToWire(report.ledger) }),
    ...(report.linked && { linked: report.linked.map(linkedToWire) }),
  };
}

function numbering(keys: readonly string[]): Map<string, string> {
  return new Map(keys.map((key, index) => [key, String(index + 1)]));
}

function keyOfDistribution(d: Distribution): string {
  return JSON.stringify([
    d.did,
    d.name,
    d.version,
    d.versionCodeName,
    d.versionId,
    d.arch,
    d.cpe,
    d.prettyName,
    d.servicePack,
  ]);
}

function keyOfRepository(r: Repository): string {
  return JSON.stringify([r.name, r.key, r.uri, r.cpe]);
}

function packageToWire(pkg: Package, id: string, source: PackageWire): PackageWire {
  return {
    id,
    name: pkg.name,
    version: pkg.version,
    kind: pkg.kind,
    source,
    normalized_version: pkg.normalizedVersion ?? '',
    ...(pkg.module && { module: pkg.module }),
    ...(pkg.arch && { arch: pkg.arch }),
    ...(pkg.clues && { clues: cluesToWire(pkg.clues) }),
    cpe: '',
    detector: pkg.detector === undefined ? null : DETECTOR_URN + pkg.detector,
  };
}

/** clair-quirk: a package without source points at one shared nameless source. */
function sourceToWire(pkg: Package, id: string): PackageWire {
  return {
    id,
    name: pkg.source?.name ?? '',
    version: pkg.source?.version ?? '',
    ...(pkg.source && { kind: 'source' as const }),
    normalized_version: '',
    ...(pkg.source?.module && { module: pkg.source.module }),
    cpe: '',
    detector: null,
  };
}

/** A distribution in JSON; `id` is '' where it is shown within a vulnerability. */
export function distributionToWire(d: Distribution, id: string): DistributionWire {
  return {
    id,
    did: d.did,
    name: d.name,
    version: d.version,
    version_code_name: d.versionCodeName,
    version_id: d.versionId,
    arch: d.arch,
    cpe: d.cpe,
    pretty_name: d.prettyName,
    ...(d.servicePack && { service_pack: d.servicePack }),
  };
}

/** A repository in JSON; without `id` where it is shown within a vulnerability. */
export function repositoryToWire(r: Repository, id?: string): RepositoryWire {
  return {
    ...(id !== undefined && { id }),
    ...(r.name && { name: r.name }),
    ...(r.key && { key: r.key }),
    ...(r.uri && { uri: r.uri }),
    cpe: r.cpe ?? '',
  };
}

/**
 * Reads a report that this or a real Clair indexer wrote. `packageIds[i]` is the wire's id of `report.packages[i]`.
 * Throws `internal-error` if it is not an index report.
 */
export function fromWire(wire: unknown): { report: IndexReport; packageIds: string[] } {
  const source = recordOf(wire);
  if (typeof source.manifest_hash !== 'string' || typeof source.success !== 'boolean') {
    throw new AppError('internal-error', 'not an index report: it has no manifest_hash or success');
  }
  const distributions = new Map(
    Object.entries(recordOf(source.distributions)).map(([id, d]) => [id, distributionFromWire(recordOf(d))]),
  );
  const repositories = new Map(
    Object.entries(recordOf(source.repository)).map(([id, r]) => [id, repositoryFromWire(recordOf(r))]),
  );
  const environments = recordOf(source.environments);
  const environmentOf = (value: unknown): Environment => {
    const environment = recordOf(value);
    const distribution = distributions.get(textOf(environment.distribution_id));
    const { repository_ids: ids } = environment;
    return {
      packageDb: textOf(environment.package_db),
      introducedIn: textOf(environment.introduced_in) as Digest,
      ...(distribution && { distribution }),
      ...(Array.isArray(ids) && { repositories: ids.flatMap((id) => repositories.get(textOf(id)) ?? []) }),
    };
  };
  const packages: IndexedPackage[] = [];
  const packageIds: string[] = [];
  for (const [id, value] of Object.entries(recordOf(source.packages))) {
    packageIds.push(id);
    packages.push({
      package: packageFromWire(recordOf(value)),
      environments: listOf(environments[id]).map(environmentOf),
    });
  }
  return {
    packageIds,
    report: {
      manifestHash: parseDigest(source.manifest_hash),
      state: textOf(source.state) as IndexState | '',
      success: source.success,
      err: textOf(source.err),
      packages,
      distributions: [...distributions.values()],
      repositories: [...repositories.values()],
      problems: listOf(source.problems).map(recordOf).map(problemFromWire),
      ...(source.origin === 'sbom' && { origin: 'sbom' }),
      ...(source.ledger !== undefined && { ledger: ledgerFromWire(source.ledger) }),
      ...(source.linked !== undefined && {
        linked: listOf(source.linked).flatMap((each) => linkedFromWire(each) ?? []),
      }),
    },
  };
}

function problemFromWire({ source, where, reason, kind }: JsonObject): Problem {
  const known = PROBLEM_KINDS.find((each) => each === kind);
  return {
    source: textOf(source),
    where: textOf(where),
    reason: textOf(reason),
    ...(known && { kind: known }),
  };
}

function distributionFromWire(d: JsonObject): Distribution {
  const servicePack = textOf(d.service_pack);
  return {
    did: textOf(d.did),
    name: textOf(d.name),
    version: textOf(d.version),
    versionCodeName: textOf(d.version_code_name),
    versionId: textOf(d.version_id),
    arch: textOf(d.arch),
    cpe: textOf(d.cpe),
    prettyName: textOf(d.pretty_name),
    ...(servicePack && { servicePack }),
  };
}

function repositoryFromWire(r: JsonObject): Repository {
  const [name, key, uri, cpe] = [textOf(r.name), textOf(r.key), textOf(r.uri), textOf(r.cpe)];
  return { ...(name && { name }), ...(key && { key }), ...(uri && { uri }), ...(cpe && { cpe }) };
}

const KINDS: readonly unknown[] = ['source', 'binary', 'layer', 'ancestry'] satisfies PackageKind[];

function packageFromWire(pkg: JsonObject): Package {
  const source = recordOf(pkg.source);
  const sourceModule = textOf(source.module);
  const [normalizedVersion, module, arch] = [
    textOf(pkg.normalized_version),
    textOf(pkg.module),
    textOf(pkg.arch),
  ];
  const detector = textOf(pkg.detector);
  return {
    name: textOf(pkg.name),
    version: textOf(pkg.version),
    kind: KINDS.includes(pkg.kind) ? (pkg.kind as PackageKind) : 'binary',
    ...(textOf(source.name) && {
      source: {
        name: textOf(source.name),
        version: textOf(source.version),
        ...(sourceModule && { module: sourceModule }),
      },
    }),
    ...(normalizedVersion && { normalizedVersion }),
    ...(module && { module }),
    ...(arch && { arch }),
    ...(pkg.clues !== undefined && { clues: cluesFromWire(recordOf(pkg.clues)) }),
    ...(detector.startsWith(DETECTOR_URN) && { detector: detector.slice(DETECTOR_URN.length) }),
  };
}

function cluesFromWire({ names, groups, folders, root }: JsonObject): Clues {
  const [n = [], g = [], f = []] = [names, groups, folders].map((list) => listOf(list).map(textOf));
  return { names: n, groups: g, folders: f, root: textOf(root) };
}

function cluesToWire({ names, groups, folders, root }: Clues): NonNullable<PackageWire['clues']> {
  return { names: [...names], groups: [...groups], folders: [...folders], root };
}
