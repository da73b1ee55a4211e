/** What is looked up in the advisories, and where. */
import type { IndexedPackage } from '../model/index-report.ts';
import type { PackageKind } from '../model/package.ts';

/** A package to look up: in `scope`, the package `name` of `kind` at `version`. */
export interface Lookup {
  readonly scope: string;
  readonly name: string;
  readonly kind: PackageKind;
  readonly version: string;
  readonly arch?: string;
  readonly module?: string;
  /** Whether its scope has to be known by itself: the advisories of the others do not speak for it. */
  readonly alone?: true;
}

/** How an ecosystem names packages whose own names are guesses, by the names that advisories have. */
export interface Naming {
  /** The scope of the advisories. */
  readonly scope: string;
  /** What to ask for the package; undefined: its name is certain, or it is another ecosystem's. */
  guess(indexed: IndexedPackage): Guess | undefined;
  /** By position in `packages`, of those with a guess: what they are, as far as that can be said. */
  settle(
    packages: readonly IndexedPackage[],
    guesses: ReadonlyMap<number, Guess>,
    known: KnownNames,
  ): ReadonlyMap<number, Settled>;
}

/** What advisories may call a package: a name `GROUP:ARTIFACT`. */
export interface Guess {
  /** In lower case, the likeliest first. */
  readonly artifacts: readonly string[];
  readonly groups: readonly string[];
}

/** What of the guesses the loaded advisories know. */
export interface KnownNames {
  /** By artifact in lower case: names. */
  readonly byArtifact: ReadonlyMap<string, readonly string[]>;
  readonly groups: ReadonlySet<string>;
}

/** What a package with a guess is. */
export interface Settled {
  /** Its name; undefined: as it was. */
  readonly name?: string;
  /** Names of advisories that may or may not be about it. */
  readonly perhaps?: readonly string[];
}

/** Which scopes of advisories hold for a lookup. */
export interface Cover {
  /** How the keys of such scopes begin, the lookups' and the advisories'. */
  readonly prefix: string;
  /** Whether advisories of scope `advisory` hold for lookups of scope `lookup`. */
  covers(advisory: string, lookup: string): boolean;
}
