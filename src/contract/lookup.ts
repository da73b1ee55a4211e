/** Lookups of packages in the advisories. */
import type { IndexedPackage } from '../model/index-report.ts';
import type { PackageKind } from '../model/package.ts';

/** A lookup of the package `name` of `kind` at `version` in `scope`. */
export interface Lookup {
  readonly scope: string;
  readonly name: string;
  readonly kind: PackageKind;
  readonly version: string;
  readonly arch?: string;
  readonly module?: string;
  /** Whether a feed must cover its own scope: advisories of other scopes do not cover it. */
  readonly alone?: true;
}

/** Resolution of uncertain package names with the names in advisories. */
export interface Naming {
  /** The scope of the advisories. */
  readonly scope: string;
  /** Returns candidate names of a package; undefined: its name is known, or another ecosystem owns it. */
  guess(indexed: IndexedPackage): Guess | undefined;
  /** Returns the resolved names of packages with a guess, by position in `packages`. */
  settle(
    packages: readonly IndexedPackage[],
    guesses: ReadonlyMap<number, Guess>,
    known: KnownNames,
  ): ReadonlyMap<number, Settled>;
}

/** Candidates for a name `GROUP:ARTIFACT` in advisories. */
export interface Guess {
  /** In lower case, the likeliest first. */
  readonly artifacts: readonly string[];
  readonly groups: readonly string[];
}

/** Names in the loaded advisories that match guesses. */
export interface KnownNames {
  /** By artifact in lower case: names. */
  readonly byArtifact: ReadonlyMap<string, readonly string[]>;
  readonly groups: ReadonlySet<string>;
}

/** The resolved name of a package. */
export interface Settled {
  /** Its name; undefined: unchanged. */
  readonly name?: string;
  /** Names in advisories that possibly apply to it. */
  readonly perhaps?: readonly string[];
}

/** The relation between scopes of lookups and of advisories. */
export interface Cover {
  /** Prefix of the keys of such scopes. */
  readonly prefix: string;
  /** Returns whether advisories in the scope `advisory` apply to lookups in the scope `lookup`. */
  covers(advisory: string, lookup: string): boolean;
}
