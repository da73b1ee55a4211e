/** What is looked up in the advisories, and where. */
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

/** What advisories about a package may call it whose own name is a guess. */
export interface Guess {
  readonly scope: string;
  /** In lower case: the part after the colon of `GROUP:ARTIFACT`. */
  readonly artifacts: readonly string[];
}

/** Which scopes of advisories hold for a lookup. */
export interface Cover {
  /** How the keys of such scopes begin, the lookups' and the advisories'. */
  readonly prefix: string;
  /** Whether advisories of scope `advisory` hold for lookups of scope `lookup`. */
  covers(advisory: string, lookup: string): boolean;
}
