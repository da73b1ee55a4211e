/** Packages that lists in the image name, as their ecosystems know them; what these found themselves counts once. */
import type { Coalesced, LayerDetections } from '../contract/coalesce.ts';
import type { DetectedPackage, Detection } from '../contract/detector.ts';
import type { Ecosystem } from '../contract/ecosystem.ts';
import { isOfLanguage, type ReadPurl, readPurl } from '../contract/read-purl.ts';
import { standing } from '../ecosystems/coalesce.ts';
import { lookupKeysOf } from '../ecosystems/report-lookups.ts';
import type { IndexedPackage } from '../model/index-report.ts';
import type { Distribution, Environment, Package, Problem } from '../model/package.ts';
import { type Purl, parsePurl } from '../model/purl.ts';

/** Whether something is of the ecosystem that its package URL says, and not of that whose detector found it. */
export function isListed(item: Detection): boolean {
  return item.found === 'package' && item.package.listed === true;
}

/** What is listed in `layers`, from the base upwards, and not among `merged`: what each of `ecosystems` has of its own. */
export function listedPackages(
  ecosystems: readonly Ecosystem[],
  layers: readonly LayerDetections[],
  merged: readonly Coalesced[],
): Coalesced {
  // What replaces a file replaces what was listed in it, whoever found the new one.
  const copies = standing(layers).filter(({ found }) => found.listed);
  if (copies.length === 0) return { packages: [], distributions: [], repositories: [] };
  const known = new Known(ecosystems, merged);
  const listed = new Map<string, { readonly package: Package; readonly environments: Environment[] }>();
  for (const { found, layer } of copies) {
    const purl = found.hint === undefined ? undefined : parsePurl(found.hint);
    const read = purl && readPurl(ecosystems, purl, found.name);
    const place = { packageDb: found.database, introducedIn: layers[layer]!.layer };
    const indexed =
      read === undefined ? unknownPackage(found, purl, place) : known.packageOf(read, found, place);
    if (read !== undefined && known.has(read.ecosystem, indexed)) continue;
    const key = JSON.stringify(indexed.package);
    const entry = listed.get(key);
    if (entry === undefined) listed.set(key, { ...indexed, environments: [...indexed.environments] });
    else entry.environments.push(...indexed.environments);
  }
  const packages = [...listed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  const environments = packages.flatMap((each) => each.environments);
  return {
    packages,
    distributions: environments.flatMap(({ distribution }) => distribution ?? []),
    repositories: environments.flatMap(({ repositories }) => repositories ?? []),
  };
}

/** Distributions of the image whose packages nothing but lists name: a list may leave some out. */
export function listedAlone(
  distributions: readonly Distribution[],
  merged: readonly Coalesced[],
  { packages }: Coalesced,
): Problem[] {
  const didsIn = (all: readonly IndexedPackage[]) =>
    new Set(all.flatMap(({ environments }) => environments.map(({ distribution }) => distribution?.did)));
  const listed = didsIn(packages);
  if (listed.size === 0) return [];
  const own = didsIn(merged.flatMap((each) => each.packages));
  return distributions
    .filter(({ did }) => listed.has(did) && !own.has(did))
    .map(({ prettyName, name }) => ({
      source: 'sbom',
      where: '',
      reason: `${prettyName || name} packages are known only from lists in the image, which may be incomplete`,
    }));
}

type Place = Pick<Environment, 'packageDb' | 'introducedIn'>;

/** As a scan of the list alone has it: told as not checked. */
function unknownPackage(
  { name, version }: DetectedPackage,
  purl: Purl | undefined,
  place: Place,
): IndexedPackage {
  const detector = `sbom-${purl?.type ?? 'unknown'}:1:package`;
  return { package: { name, version, kind: 'binary', detector }, environments: [place] };
}

/** What the ecosystems have found in the image themselves. */
class Known {
  readonly #ecosystems: readonly Ecosystem[];
  readonly #merged: readonly Coalesced[];
  /** By ecosystem: names with versions, and what is looked up. */
  readonly #keys = new Map<Ecosystem, ReadonlySet<string>>();

  constructor(ecosystems: readonly Ecosystem[], merged: readonly Coalesced[]) {
    this.#ecosystems = ecosystems;
    this.#merged = merged;
  }

  /** Whether the package is there already: by name and version, or as what is looked up. */
  has(ecosystem: Ecosystem, indexed: IndexedPackage): boolean {
    let keys = this.#keys.get(ecosystem);
    if (keys === undefined) {
      const own = this.#mergedOf(ecosystem).packages;
      keys = new Set(own.flatMap((each) => [nameOf(each), ...lookupKeysOf(each, ecosystem)]));
      this.#keys.set(ecosystem, keys);
    }
    if (keys.has(nameOf(indexed))) return true;
    const lookups = lookupKeysOf(indexed, ecosystem);
    return lookups.length > 0 && lookups.every((key) => keys.has(key));
  }

  /** One that says no distribution is of that which the image has for such packages. */
  packageOf(
    { ecosystem, found, detector }: ReadPurl,
    written: DetectedPackage,
    place: Place,
  ): IndexedPackage {
    const { repositories } = found;
    const ofLanguage = isOfLanguage(found);
    const distribution = ofLanguage
      ? undefined
      : this.#distributionOf(ecosystem, found.distribution ?? found.presumed);
    const source = found.package.source ?? (ofLanguage ? undefined : written.source);
    const module = found.package.module ?? (ofLanguage ? undefined : written.module);
    return {
      package: {
        ...found.package,
        version: found.package.version || written.version,
        ...(source && { source }),
        ...(module !== undefined && { module }),
        ...(detector !== undefined && { detector }),
      },
      environments: [
        { ...place, ...(distribution && { distribution }), ...(repositories && { repositories }) },
      ],
    };
  }

  #distributionOf(ecosystem: Ecosystem, said: Distribution | undefined): Distribution | undefined {
    const { distributions } = this.#mergedOf(ecosystem);
    if (said === undefined) return distributions.length === 1 ? distributions[0] : undefined;
    return (
      distributions.find(({ did, versionId }) => did === said.did && versionId === said.versionId) ?? said
    );
  }

  #mergedOf(ecosystem: Ecosystem): Coalesced {
    return this.#merged[this.#ecosystems.indexOf(ecosystem)]!;
  }
}

function nameOf({ package: { name, version } }: IndexedPackage): string {
  return `${name}\0${version}`;
}
