/** What an indexer finds: packages, the distribution they were built for, the repository they came from. */
import type { ProblemKind } from './coverage.ts';
import type { Digest } from './digest.ts';

export type PackageKind = 'source' | 'binary' | 'layer' | 'ancestry';

/** The source package that a binary package was built from. */
export interface SourcePackage {
  readonly name: string;
  readonly version: string;
  readonly module?: string;
}

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly kind: PackageKind;
  readonly source?: SourcePackage;
  /** Clair's `kind:ten.ints` text, for its own matchers; ours never reads it. */
  readonly normalizedVersion?: string;
  readonly module?: string;
  readonly arch?: string;
  /** Ours: what its name may be, where that is not known for certain. */
  readonly clues?: Clues;
  /** `name:revision:kind` of the detector that found it; the wire adds `urn:claircore:detector:`. */
  readonly detector?: string;
}

/** What is known of a package whose own name is a guess, most telling first; an archive of Java that has no coordinates. */
export interface Clues {
  /** What the artifact may be called. */
  readonly names: readonly string[];
  /** Groups that it may be of. */
  readonly groups: readonly string[];
  /** Packages of its classes, `org.h2.util`. */
  readonly folders: readonly string[];
  /** What nearly all of these begin with; may be ''. */
  readonly root: string;
}

/** Every field is always on the wire; unset is ''. */
export interface Distribution {
  readonly did: string;
  readonly name: string;
  readonly version: string;
  readonly versionCodeName: string;
  readonly versionId: string;
  readonly arch: string;
  readonly cpe: string;
  readonly prettyName: string;
  /** Ours: the service pack of a release that Clair knows as one, `4` of SLES 15 SP4, `0` before the first; unset: not told. */
  readonly servicePack?: string;
}

export const NO_DISTRIBUTION: Distribution = {
  did: '',
  name: '',
  version: '',
  versionCodeName: '',
  versionId: '',
  arch: '',
  cpe: '',
  prettyName: '',
};

/** A place that packages are published in: pypi, npm, a CPE of Red Hat. */
export interface Repository {
  readonly name?: string;
  readonly key?: string;
  readonly uri?: string;
  readonly cpe?: string;
}

/** One installed copy of a package. */
export interface Environment {
  /** The database or directory that says so, e.g. `var/lib/dpkg/status`, `python:usr/lib/python3.12/site-packages`. */
  readonly packageDb: string;
  readonly introducedIn: Digest;
  readonly distribution?: Distribution;
  /** undefined: the ecosystem knows no repositories (null on the wire). */
  readonly repositories?: readonly Repository[];
}

/** The detector of programs that no package brought: each is told by its name, as they have nothing in common. */
export const PROGRAM_DETECTOR = 'program';

/** Whether `found` is such a program. */
export function isProgramPackage({ detector }: Package): boolean {
  return detector?.startsWith(`${PROGRAM_DETECTOR}:`) ?? false;
}

/** A file or record that could not be read: shown with the report, never the end of an image. */
export interface Problem {
  /** The detector or feed that met it. */
  readonly source: string;
  /** Path in the layer, record in the feed. */
  readonly where: string;
  readonly reason: string;
  /** undefined: `unread`. */
  readonly kind?: ProblemKind;
}
