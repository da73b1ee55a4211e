/** What of a recorded answer can be asked of us: by the detectors that our service has, never by the image. */
import type { CorpusImage } from './corpus.ts';
import { type NormalReport, normalise } from './normal-form.ts';
import { withoutNotYet } from './not-yet.ts';

/** Clair's distribution detector -> the ids of the distributions that it says. */
const DISTRIBUTIONS: Readonly<Record<string, readonly string[]>> = {
  alpine: ['alpine'],
  debian: ['debian'],
  ubuntu: ['ubuntu'],
  rhel: ['rhel'],
  aws: ['amzn'],
  oracle: ['ol'],
  suse: ['sles', 'opensuse', 'opensuse-leap'],
  photon: ['photon'],
};

/** What an image says that it is about -> the detector without which it cannot be judged. */
const TAG_DETECTORS: Readonly<Record<string, string>> = {
  dpkg: 'dpkg',
  distroless: 'dpkg-distroless',
  debian: 'debian',
  ubuntu: 'ubuntu',
  apk: 'apk',
  alpine: 'alpine',
  python: 'python',
  gobin: 'gobin',
  nodejs: 'nodejs',
  java: 'java',
  ruby: 'ruby',
  rpm: 'rpm',
  rhel: 'rhel-repository-scanner',
  rhcc: 'rhel_containerscanner',
  aws: 'aws',
  oracle: 'oracle',
  suse: 'suse',
  photon: 'photon',
};

/** What a service can find. */
export interface Abilities {
  /** Names of its detectors, as Clair names them. */
  readonly detectors: ReadonlySet<string>;
  /** The sets of feeds that it loads; undefined: all that there are. */
  readonly feedSets?: ReadonlySet<string>;
}

/** A golden report cut down to what a service with those abilities can be asked for. */
export interface Scoped {
  readonly report: NormalReport;
  /** Detectors and feeds whose findings were left out. */
  readonly notYet: readonly string[];
}

/** Leaves out what detectors found that we do not have, and the distributions and repositories that only those name. */
export function cutToAbilities(whole: NormalReport, abilities: Abilities): Scoped {
  const { report, waitsFor } = withoutNotYet(whole, abilities);
  const kept = report.packages.filter(({ detector }) => abilities.detectors.has(detector));
  const dropped = report.packages.filter(({ detector }) => !abilities.detectors.has(detector));
  const repositoriesOf = (packages: NormalReport['packages']): Set<string> =>
    new Set(
      packages
        .flatMap(({ environments }) => environments)
        .flatMap(({ repositories }) => (JSON.parse(repositories) as string[] | null) ?? []),
    );
  const used = repositoriesOf(kept);
  const others = repositoriesOf(dropped);
  return {
    report: {
      ...report,
      packages: kept,
      distributions: report.distributions.filter((distribution) => isKnown(distribution, abilities)),
      repositories: report.repositories.filter(
        (repository) => used.has(repository) || !others.has(repository),
      ),
    },
    notYet: [...new Set([...dropped.map(({ detector }) => detector), ...waitsFor])].sort(),
  };
}

function isKnown(distribution: string, { detectors }: Abilities): boolean {
  const { did } = JSON.parse(distribution) as { did: string };
  const detector = Object.keys(DISTRIBUTIONS).find((name) => DISTRIBUTIONS[name]?.includes(did));
  return detector === undefined || detectors.has(detector);
}

/** Why an image cannot be judged yet: the detectors that it needs; undefined if it can, perhaps in part. */
export function missingFor(image: CorpusImage, abilities: Abilities): string[] | undefined {
  const missing = image.tags.filter((tag) => {
    const detector = TAG_DETECTORS[tag];
    return detector !== undefined && !abilities.detectors.has(detector);
  });
  if (missing.length === 0) return undefined;
  const scoped = cutToAbilities(normalise(image.golden.index), abilities);
  return scoped.report.packages.length > 0 ? undefined : missing;
}
