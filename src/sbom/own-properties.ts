/** What our SBOMs say beyond package URLs, so that reading them gives back the index report they were written from. */
import { z } from 'zod';
import type { SbomComponent } from '../formats/sbom/document.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexedPackage } from '../model/index-report.ts';
import {
  type Distribution,
  type Environment,
  NO_DISTRIBUTION,
  type Package,
  type Repository,
} from '../model/package.ts';

/** Names of properties (CycloneDX) and beginnings of annotations (SPDX). */
export const OWN = {
  package: 'clair:package',
  environment: 'clair:environment',
  distribution: 'clair:distribution',
  repository: 'clair:repository',
  manifest: 'clair:manifest',
  incomplete: 'clair:incomplete',
  problem: 'clair:problem',
  feed: 'clair:feed',
  example: 'clair:example',
  ledger: 'clair:ledger',
  unaccounted: 'clair:unaccounted',
  linked: 'clair:linked-code',
} as const;

type Property = readonly [name: string, value: string];

const text = z.string();
const repository = z.object({
  name: text.optional(),
  key: text.optional(),
  uri: text.optional(),
  cpe: text.optional(),
});
const packageSchema = z.object({
  kind: z.enum(['source', 'binary', 'layer', 'ancestry']).default('binary'),
  source: z.object({ name: text, version: text, module: text.optional() }).optional(),
  normalizedVersion: text.optional(),
  module: text.optional(),
  arch: text.optional(),
  detector: text.optional(),
});
const environmentSchema = z.object({
  path: text,
  layer: z.string().regex(/^sha(256|512):[0-9a-f]+$/),
  /** What refers to the component of the distribution. */
  distribution: text.optional(),
  repositories: z.array(repository).optional(),
});
const distributionSchema = z.object(
  Object.fromEntries(Object.keys(NO_DISTRIBUTION).map((key) => [key, text.default('')])),
);

/** The properties of a package; `refOf` refers to a distribution. */
export function packageProperties(
  { package: installed, environments }: IndexedPackage,
  refOf: (distribution: Distribution) => string | undefined,
): Property[] {
  const { name: _name, version: _version, ...rest } = installed;
  return [
    [OWN.package, JSON.stringify(rest)],
    ...environments.map(({ packageDb, introducedIn, distribution, repositories }): Property => {
      const ref = distribution && refOf(distribution);
      const said = { path: packageDb, layer: introducedIn, ...(ref && { distribution: ref }), repositories };
      return [OWN.environment, JSON.stringify(said)];
    }),
  ];
}

export function distributionProperties(distribution: Distribution): Property[] {
  return [[OWN.distribution, JSON.stringify(distribution)]];
}

/** undefined: `component` has none of ours, or none that can be read. */
export function ownPackage(
  component: SbomComponent,
  distributions: ReadonlyMap<string, Distribution>,
): IndexedPackage | undefined {
  const [own] = read(component, OWN.package, packageSchema);
  if (own === undefined) return undefined;
  const environments = read(component, OWN.environment, environmentSchema).map((environment): Environment => {
    const distribution = distributions.get(environment.distribution ?? '');
    return {
      packageDb: environment.path,
      introducedIn: environment.layer as Digest,
      ...(distribution && { distribution }),
      ...(environment.repositories && { repositories: environment.repositories as Repository[] }),
    };
  });
  if (environments.length === 0) return undefined;
  // zod says `T | undefined` where we say that a key is absent; JSON knows no undefined.
  const { name, version } = component;
  return { package: { name, version, ...(own as Omit<Package, 'name' | 'version'>) }, environments };
}

/** undefined: it has none of ours. */
export function ownDistribution(component: SbomComponent): Distribution | undefined {
  return read(component, OWN.distribution, distributionSchema)[0] as Distribution | undefined;
}

export function ownRepositories(of: Pick<SbomComponent, 'properties'>): Repository[] {
  return read(of, OWN.repository, repository) as Repository[];
}

function read<T>({ properties }: Pick<SbomComponent, 'properties'>, name: string, schema: z.ZodType<T>): T[] {
  return properties.flatMap(([key, value]) => {
    if (key !== name) return [];
    try {
      return [schema.parse(JSON.parse(value))];
    } catch {
      return []; // the package URL stays
    }
  });
}
