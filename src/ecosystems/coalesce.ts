/**
 * How the layers of an image add up: `newestDatabase` for package managers that keep one database of everything,
 * `byPath` for packages that are files of their own. Both take time linear in what the layers hold.
 */

import type { Coalesced, LayerDetections } from '../contract/coalesce.ts';
import type { DetectedPackage } from '../contract/detector.ts';
import type { IndexedPackage } from '../model/index-report.ts';
import type { LinkedProgram } from '../model/linked-code.ts';
import type { Distribution, Environment, Package, Repository } from '../model/package.ts';

/** A package in one place, before equal packages are brought together. */
interface Copy {
  readonly found: DetectedPackage;
  readonly detector: string;
  /** Index of the layer that says so. */
  readonly layer: number;
}

/** Where something was found: both `Detection` packages and databases have these. */
interface Place {
  readonly database: string;
  readonly path: string;
}

/**
 * The repositories that a package is from, as the layer of that index found it first; undefined: none are known.
 */
export type RepositoriesOf = (found: DetectedPackage, layer: number) => readonly Repository[] | undefined;

/**
 * For OS databases, which are rewritten whole at every change: what the highest layer that has a database says is all
 * there is. `introducedIn` is the lowest layer whose copy of the database has the same name, version and architecture.
 */
// differs: a database that was deleted, or is empty now, has no packages any more (clair-indexing.md#emptied-databases)
export function newestDatabase(
  layers: readonly LayerDetections[],
  repositoriesOf?: RepositoriesOf,
): Coalesced {
  const introducing = new Map<string, { readonly index: number; readonly first: DetectedPackage }>();
  for (const [index, { found }] of layers.entries()) {
    for (const item of found) {
      if (item.found !== 'package') continue;
      const id = installationOf(item.package);
      if (!introducing.has(id)) introducing.set(id, { index, first: item.package });
    }
  }
  const distributions = distributionByLayer(layers);
  const copies = survivors(layers, ({ database }) => database);
  const packages = gather(copies, ({ found }) => {
    const { index, first } = introducing.get(installationOf(found)) ?? { index: 0, first: found };
    const distribution = distributions[index];
    const repositories = repositoriesOf?.(first, index);
    return {
      packageDb: found.database,
      introducedIn: layers[index]!.layer,
      ...(distribution === undefined ? {} : { distribution }),
      ...(repositories === undefined ? {} : { repositories }),
    };
  });
  return { packages, ...reported(layers) };
}

/**
 * For packages that are files of their own: whatever a layer finds at a path replaces what lower layers had there.
 * A copy has one environment, with the repositories found in its layer.
 */
// differs: an overwritten copy is gone, and each of several copies has an environment (clair-indexing.md#overwritten-language-packages)
export function byPath(layers: readonly LayerDetections[]): Coalesced {
  const repositories = layers.map((layer) => distinct(foundRepositories(layer)));
  const copies = survivors(layers, ({ path }) => path);
  const environmentOf = ({ found, layer }: Copy): Environment => ({
    packageDb: found.database,
    introducedIn: layers[layer]!.layer,
    repositories: repositories[layer]!,
  });
  // What a list names and what is installed is one package, whichever detector found it.
  const packages = gather(copies, environmentOf, ({ found }) => identityOf({ found, detector: '' }));
  const linked = linkedIn(layers, copies);
  return { packages, ...reported(layers), ...(linked.length > 0 && { linked }) };
}

/** The code of the programs that `copies` are in. */
function linkedIn(layers: readonly LayerDetections[], copies: readonly Copy[]): LinkedProgram[] {
  const places = new Set(copies.map(({ found: { path }, layer }) => `${layer} ${path}`));
  const programs = layers.flatMap(({ layer, found }, index) =>
    found.flatMap((item) =>
      item.found === 'linked' && places.has(`${index} ${item.path}`)
        ? { packageDb: item.database, introducedIn: layer, ...item.code }
        : [],
    ),
  );
  return programs.sort((a, b) => order(a.packageDb, b.packageDb) || order(a.introducedIn, b.introducedIn));
}

/** Packages that are files of their own, as `byPath` takes them, and by index the layer that has each. */
export function standing(
  layers: readonly LayerDetections[],
): { readonly found: DetectedPackage; readonly layer: number }[] {
  return survivors(layers, ({ path }) => path);
}

/** The copies that no higher layer removes, or replaces by something of the same key. */
function survivors(layers: readonly LayerDetections[], keyOf: (place: Place) => string): Copy[] {
  const current = new Map<string, { readonly path: string; readonly copies: Copy[] }>();
  for (const [layer, { whiteouts, found }] of layers.entries()) {
    // OCI image-spec, layer.md: whiteouts hide what lower layers have, never what their own layer has.
    if (whiteouts.length > 0) {
      const removed = new Set(whiteouts);
      for (const [key, { path }] of current) if (isCovered(path, removed)) current.delete(key);
    }
    const own = new Map<string, { readonly path: string; readonly copies: Copy[] }>();
    for (const item of found) {
      if (item.found !== 'package' && item.found !== 'database') continue;
      const place = item.found === 'package' ? item.package : item;
      const key = keyOf(place);
      const copies = own.get(key)?.copies ?? [];
      if (item.found === 'database' || !own.has(key)) own.set(key, { path: place.path, copies });
      if (item.found === 'package') copies.push({ found: item.package, detector: item.detector, layer });
    }
    for (const [key, entry] of own) current.set(key, entry);
  }
  return [...current.values()].flatMap(({ copies }) => copies);
}

/** Whether one of `removed` is the path, a directory that it is in, or such a directory made opaque. */
export function isCovered(path: string, removed: ReadonlySet<string>): boolean {
  if (removed.has(path) || removed.has('/')) return true;
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (removed.has(path.slice(0, slash)) || removed.has(path.slice(0, slash + 1))) return true;
  }
  return false;
}

/** Equal packages become one with all their environments; the order depends on nothing but the content. */
function gather(
  copies: readonly Copy[],
  environmentOf: (copy: Copy) => Environment,
  identify: (copy: Copy) => string = identityOf,
): IndexedPackage[] {
  const sorted = copies
    .map((copy) => ({ copy, package: packageOf(copy), identity: identify(copy) }))
    .sort((a, b) => {
      const [p, q] = [a.copy.found, b.copy.found];
      return (
        order(p.name, q.name) ||
        order(p.version, q.version) ||
        order(p.arch ?? '', q.arch ?? '') ||
        order(p.database, q.database) ||
        order(a.identity, b.identity) ||
        order(p.path, q.path)
      );
    });
  const packages = new Map<string, { package: Package; environments: Map<string, Environment> }>();
  for (const { copy, package: each, identity } of sorted) {
    let entry = packages.get(identity);
    if (entry === undefined) packages.set(identity, (entry = { package: each, environments: new Map() }));
    const environment = environmentOf(copy);
    const place = `${environment.packageDb}\0${environment.introducedIn}`;
    if (!entry.environments.has(place)) entry.environments.set(place, environment);
  }
  return [...packages.values()].map((entry) => ({
    package: entry.package,
    environments: [...entry.environments.values()],
  }));
}

function packageOf({ found, detector }: Copy): Package {
  const { database: _database, path: _path, hint: _hint, ...rest } = found;
  return { ...rest, detector };
}

function identityOf({ found, detector }: Pick<Copy, 'found' | 'detector'>): string {
  const { name, version, kind, module, arch, source, normalizedVersion, clues } = found;
  return JSON.stringify([
    name,
    version,
    kind,
    module ?? '',
    arch ?? '',
    source ? [source.name, source.version, source.module ?? ''] : [],
    normalizedVersion ?? '',
    clues ?? null,
    detector,
  ]);
}

function installationOf({ name, version, arch, database }: DetectedPackage): string {
  return `${database}\0${name}\0${version}\0${arch ?? ''}`;
}

/** A layer's own distribution, else that of the nearest layer below, else of the nearest above. */
function distributionByLayer(layers: readonly LayerDetections[]): (Distribution | undefined)[] {
  const own = layers.map(ownDistribution);
  let nearest = own.find((distribution) => distribution !== undefined);
  return own.map((distribution) => (nearest = distribution ?? nearest));
}

/** Everything that any layer says; nothing of it is taken back by higher layers, as in Clair. */
function reported(layers: readonly LayerDetections[]): Pick<Coalesced, 'distributions' | 'repositories'> {
  return {
    distributions: distinct(layers.flatMap((layer) => ownDistribution(layer) ?? [])),
    repositories: distinct(layers.flatMap(foundRepositories)),
  };
}

/** A layer is of one distribution: where two files disagree, what the ecosystem's first detector says. */
function ownDistribution({ found }: LayerDetections): Distribution | undefined {
  return found.find((item) => item.found === 'distribution')?.distribution;
}

function foundRepositories({ found }: LayerDetections): Repository[] {
  return found.flatMap((item) => (item.found === 'repository' ? [item.repository] : []));
}

/** The first of each content, whatever the order of its keys. */
function distinct<T extends object>(values: readonly T[]): T[] {
  const seen = new Map<string, T>();
  for (const value of values) {
    const content = JSON.stringify(Object.entries(value).sort(([a], [b]) => order(a, b)));
    if (!seen.has(content)) seen.set(content, value);
  }
  return [...seen.values()];
}

/** By UTF-16 code units: the same on every machine. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
