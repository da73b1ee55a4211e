/** Packages of an ecosystem as package URLs. */
import type { Distribution, Environment, Package, Repository, SourcePackage } from '../model/package.ts';
import type { Purl } from '../model/purl.ts';

/** Law: what `fromPurl` reads of `toPurl` has the same lookups as the package there. */
export interface PurlMapping {
  /** The types of package URLs that are its packages. */
  readonly types: readonly string[];
  /** A namespace or name as it is compared with another; absent: as it is. purl-spec says which letters of a type are one. */
  folded?(name: string): string;
  /** Qualifiers (`key=value`) that say nothing that the type does not say. */
  readonly needless?: readonly string[];
  /** undefined: the package has no package URL. */
  toPurl(installed: Package, environment: Environment): Purl | undefined;
  /**
   * undefined: no package of this ecosystem can be meant. `written`: how the document calls the package beside its package
   * URL, which for some types has lost the case or the end of the name; '' if it does not.
   */
  fromPurl(purl: Purl, written?: string): PurlPackage | undefined;
  /** The package URL of what a package of these was built from, as statements name it; undefined: its sources have none. */
  ofSource?(purl: Purl, source: SourcePackage): Purl;
  /** The distribution that tools call `id` (as os-release(5), or as they name it), if it is one of its own. */
  distribution?(id: string, version: string): Distribution | undefined;
}

/** What a package URL says; without `repositories` it is a package of the distribution. */
export interface PurlPackage {
  readonly package: Omit<Package, 'detector'>;
  readonly distribution?: Distribution;
  readonly repositories?: readonly Repository[];
}
