/**
 * A report without what varies between two runs: ids are replaced by what they name, unordered lists are sorted, keys
 * that only one of the two programs writes are left out.
 */

/** A report as it comes: an index report, or a vulnerability report. */
export interface RawReport {
  readonly manifest_hash: string;
  readonly state?: string;
  readonly success?: boolean;
  readonly err?: string;
  readonly packages?: Record<string, RawPackage> | null;
  readonly distributions?: Record<string, Record<string, unknown>> | null;
  readonly repository?: Record<string, Record<string, unknown>> | null;
  readonly environments?: Record<string, RawEnvironment[]> | null;
  readonly vulnerabilities?: Record<string, RawVulnerability> | null;
  readonly package_vulnerabilities?: Record<string, string[]> | null;
  readonly enrichments?: Record<string, Record<string, unknown[]>[]> | null;
  /** Ours: what could not be read. */
  readonly problems?: readonly unknown[];
}

interface RawPackage {
  readonly name: string;
  readonly version: string;
  readonly kind?: string;
  readonly arch?: string;
  readonly module?: string;
  readonly normalized_version?: string;
  readonly detector?: string | null;
  readonly source?: RawPackage | null;
}

interface RawEnvironment {
  readonly package_db: string;
  readonly introduced_in: string;
  readonly distribution_id: string;
  readonly repository_ids: string[] | null;
}

type RawVulnerability = Readonly<Record<string, unknown>>;

/** A package with all that the report says about it. */
export interface NormalPackage {
  readonly name: string;
  readonly version: string;
  readonly kind: string;
  readonly arch: string;
  readonly module: string;
  readonly normalizedVersion: string;
  /** Name of the detector. Its revision is part of the indexer's state, which is every implementation's own. */
  readonly detector: string;
  /** `name version`, and the module if there is one; '' if none. */
  readonly source: string;
  readonly sourceName: string;
  readonly sourceVersion: string;
  readonly environments: readonly NormalEnvironment[];
  readonly vulnerabilities: readonly NormalVulnerability[];
}

/** One place of a package. */
export interface NormalEnvironment {
  readonly packageDb: string;
  readonly introducedIn: string;
  /** As JSON; '' if none. */
  readonly distribution: string;
  /** As JSON, sorted; 'null' and '[]' differ. */
  readonly repositories: string;
}

/** A vulnerability as one package has it. Objects in it are JSON texts. */
export interface NormalVulnerability {
  readonly fields: Readonly<Record<VulnerabilityField, string>>;
  /** Type of enrichment -> the records as JSON, sorted. */
  readonly enrichments: ReadonlyMap<string, readonly string[]>;
}

/** What of a vulnerability is compared: `Self`, `Aliases` and `range` are leaks of Clair that nothing may rest on. */
export const VULNERABILITY_FIELDS = [
  'updater',
  'name',
  'description',
  'issued',
  'links',
  'severity',
  'normalized_severity',
  'package',
  'distribution',
  'repository',
  'fixed_in_version',
  'arch_op',
] as const;

export type VulnerabilityField = (typeof VULNERABILITY_FIELDS)[number];

/** A report in normal form. */
export interface NormalReport {
  readonly state: string;
  readonly success: boolean | undefined;
  readonly err: string;
  /** How many things could not be read, and are told. */
  readonly problems: number;
  readonly packages: readonly NormalPackage[];
  /** As JSON, sorted. */
  readonly distributions: readonly string[];
  readonly repositories: readonly string[];
}

/** The normal form of `raw`. */
export function normalise(raw: RawReport): NormalReport {
  // A key of ours.
  const distributions = mapValues(raw.distributions, ({ service_pack: _, ...object }) =>
    stableJson(withoutId(object)),
  );
  const repositories = mapValues(raw.repository, (object) => stableJson(withoutId(object)));
  const enrichments = enrichmentsOf(raw);
  const vulnerabilities = mapValues(raw.vulnerabilities, (object, id) =>
    normalVulnerability(object, enrichments.get(id)),
  );
  return {
    state: raw.state ?? '',
    success: raw.success,
    err: raw.err ?? '',
    problems: raw.problems?.length ?? 0,
    distributions: [...distributions.values()].sort(),
    repositories: [...repositories.values()].sort(),
    packages: Object.entries(raw.packages ?? {}).map(([id, pkg]) => ({
      name: pkg.name,
      version: pkg.version,
      kind: pkg.kind ?? '',
      arch: pkg.arch ?? '',
      module: pkg.module ?? '',
      normalizedVersion: pkg.normalized_version ?? '',
      detector: detectorName(pkg.detector),
      source: pkg.source?.name
        ? [pkg.source.name, pkg.source.version, pkg.source.module].filter(Boolean).join(' ')
        : '',
      sourceName: pkg.source?.name ?? '',
      sourceVersion: pkg.source?.name ? pkg.source.version : '',
      environments: (raw.environments?.[id] ?? []).map((environment) => ({
        packageDb: environment.package_db,
        introducedIn: environment.introduced_in,
        distribution: distributions.get(environment.distribution_id) ?? environment.distribution_id,
        repositories:
          environment.repository_ids === null
            ? 'null'
            : JSON.stringify(environment.repository_ids.map((key) => repositories.get(key) ?? key).sort()),
      })),
      vulnerabilities: (raw.package_vulnerabilities?.[id] ?? []).map(
        (key) => vulnerabilities.get(key) ?? normalVulnerability({ name: `dangling id ${key}` }, undefined),
      ),
    })),
  };
}

function normalVulnerability(
  raw: RawVulnerability,
  enrichments: Map<string, string[]> | undefined,
): NormalVulnerability {
  const fields = Object.fromEntries(
    VULNERABILITY_FIELDS.map((field) => {
      const value = raw[field];
      return [
        field,
        typeof value === 'object' && value !== null ? stableJson(withoutId(value)) : String(value ?? ''),
      ];
    }),
  ) as Record<VulnerabilityField, string>;
  return { fields, enrichments: enrichments ?? new Map() };
}

/** vulnerability id -> type -> records */
function enrichmentsOf(raw: RawReport): Map<string, Map<string, string[]>> {
  const found = new Map<string, Map<string, string[]>>();
  for (const [type, maps] of Object.entries(raw.enrichments ?? {})) {
    for (const [id, records] of maps.flatMap((map) => Object.entries(map))) {
      const types = found.get(id) ?? new Map<string, string[]>();
      types.set(type, [...(types.get(type) ?? []), ...records.map(stableJson)].sort());
      found.set(id, types);
    }
  }
  return found;
}

function detectorName(urn: string | null | undefined): string {
  const name = /^urn:claircore:detector:([^:]+):/.exec(urn ?? '')?.[1] ?? urn ?? '';
  // Two scanners of Clair find the same rpms, and the one that the database heard of first is shown.
  return name === 'rhel-package-scanner' ? 'rpm' : name;
}

function withoutId(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== 'id'));
}

function mapValues<T, U>(
  record: Record<string, T> | null | undefined,
  map: (value: T, key: string) => U,
): Map<string, U> {
  return new Map(Object.entries(record ?? {}).map(([key, value]) => [key, map(value, key)]));
}

/** JSON with sorted keys. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
