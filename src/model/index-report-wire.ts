/** The IndexReport as Clair writes it in JSON, and the way there and back. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { type Digest, parseDigest } from './digest.ts';
import type { IndexedPackage, IndexReport, IndexState } from './index-report.ts';
import type { Distribution, Environment, Package, PackageKind, Problem, Repository } from './package.ts';

export interface PackageWire {
  id: string;
  name: string;
  version: string;
  kind?: PackageKind;
  source?: PackageWire;
  normalized_version: string;
  module?: string;
  arch?: string;
  cpe: string;
  detector: string | null;
}

export interface DistributionWire {
  id: string;
  did: string;
  name: string;
  version: string;
  version_code_name: string;
  version_id: string;
  arch: string;
  cpe: string;
  pretty_name: string;
}

export interface RepositoryWire {
  id?: string;
  name?: string;
  key?: string;
  uri?: string;
  cpe: string;
}

export interface EnvironmentWire {
  package_db: string;
  introduced_in: string;
  distribution_id: string;
  repository_ids: string[] | null;
}

export interface IndexReportWire {
  manifest_hash: string;
  state: IndexState | '';
  packages: Record<string, PackageWire>;
  distributions: Record<string, DistributionWire>;
  repository: Record<string, RepositoryWire>;
  environments: Record<string, EnvironmentWire[]>;
  success: boolean;
  err: string;
  /** Ours: what could not be read. Clair's own decoders ignore keys that they do not know. */
  problems?: Problem[];
}

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

const text = z.string().default('');
const packageSchema = z.object({
  name: z.string(),
  version: text,
  kind: z.enum(['source', 'binary', 'layer', 'ancestry']).optional().catch(undefined),
  normalized_version: text,
  module: text,
  arch: text,
  detector: z.string().nullish(),
});
const wireSchema = z.object({
  manifest_hash: z.string(),
  state: z.string(),
  packages: z.record(z.string(), packageSchema.extend({ source: packageSchema.nullish() })).nullish(),
  distributions: z
    .record(
      z.string(),
      z.object({
        did: text,
        name: text,
        version: text,
        version_code_name: text,
        version_id: text,
        arch: text,
        cpe: text,
        pretty_name: text,
      }),
    )
    .nullish(),
  repository: z.record(z.string(), z.object({ name: text, key: text, uri: text, cpe: text })).nullish(),
  environments: z
    .record(
      z.string(),
      z.array(
        z.object({
          package_db: text,
          introduced_in: text,
          distribution_id: text,
          repository_ids: z.array(z.string()).nullish(),
        }),
      ),
    )
    .nullish(),
  success: z.boolean(),
  err: text,
  problems: z.array(z.object({ source: z.string(), where: z.string(), reason: z.string() })).optional(),
});

/**
 * Reads a report that this or a real Clair indexer wrote. `packageIds[i]` is the wire's id of `report.packages[i]`.
 * Throws `internal-error` if it is not an index report.
 */
export function fromWire(wire: unknown): { report: IndexReport; packageIds: string[] } {
  const parsed = wireSchema.safeParse(wire);
  if (!parsed.success) {
    throw new AppError('internal-error', `not an index report: ${z.prettifyError(parsed.error)}`);
  }
  const { data } = parsed;
  const distributions = new Map(
    Object.entries(data.distributions ?? {}).map(([id, d]): [string, Distribution] => [
      id,
      {
        did: d.did,
        name: d.name,
        version: d.version,
        versionCodeName: d.version_code_name,
        versionId: d.version_id,
        arch: d.arch,
        cpe: d.cpe,
        prettyName: d.pretty_name,
      },
    ]),
  );
  const repositories = new Map<string, Repository>(
    Object.entries(data.repository ?? {}).map(([id, r]): [string, Repository] => [
      id,
      {
        ...(r.name && { name: r.name }),
        ...(r.key && { key: r.key }),
        ...(r.uri && { uri: r.uri }),
        ...(r.cpe && { cpe: r.cpe }),
      },
    ]),
  );
  const packages: IndexedPackage[] = [];
  const packageIds: string[] = [];
  for (const [id, pkg] of Object.entries(data.packages ?? {})) {
    packageIds.push(id);
    packages.push({
      package: packageFromWire(pkg),
      environments: (data.environments?.[id] ?? []).map((environment): Environment => {
        const distribution = distributions.get(environment.distribution_id);
        return {
          packageDb: environment.package_db,
          introducedIn: environment.introduced_in as Digest,
          ...(distribution && { distribution }),
          ...(environment.repository_ids && {
            repositories: environment.repository_ids.flatMap((key) => repositories.get(key) ?? []),
          }),
        };
      }),
    });
  }
  return {
    packageIds,
    report: {
      manifestHash: parseDigest(data.manifest_hash),
      state: data.state as IndexState | '',
      success: data.success,
      err: data.err,
      packages,
      distributions: [...distributions.values()],
      repositories: [...repositories.values()],
      problems: data.problems ?? [],
    },
  };
}

type PackageParsed = z.infer<typeof packageSchema> & {
  source?: z.infer<typeof packageSchema> | null | undefined;
};

function packageFromWire(pkg: PackageParsed): Package {
  const { source } = pkg;
  return {
    name: pkg.name,
    version: pkg.version,
    kind: pkg.kind ?? 'binary',
    ...(source?.name && {
      source: { name: source.name, version: source.version, ...(source.module && { module: source.module }) },
    }),
    ...(pkg.normalized_version && { normalizedVersion: pkg.normalized_version }),
    ...(pkg.module && { module: pkg.module }),
    ...(pkg.arch && { arch: pkg.arch }),
    ...(pkg.detector?.startsWith(DETECTOR_URN) && { detector: pkg.detector.slice(DETECTOR_URN.length) }),
  };
}
