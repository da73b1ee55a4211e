/** Conversion between packages and package URLs. */
import type { Distribution, Environment, Package, Repository, SourcePackage } from '../model/package.ts';
import type { Purl } from '../model/purl.ts';

/** Law: `fromPurl(toPurl(package))` has the same lookups as the package. */
export interface PurlMapping {
  /** Package URL types of the ecosystem. */
  readonly types: readonly string[];
  /** Returns the form in which a namespace or name is compared; absent: unchanged. Source: purl-spec, per type. */
  folded?(name: string): string;
  /** Qualifiers (`key=value`) that the type implies. */
  readonly needless?: readonly string[];
  /** Returns the package URL; undefined if the package has none. */
  toPurl(installed: Package, environment: Environment): Purl | undefined;
  /**
   * Returns the package; undefined if it cannot belong to this ecosystem. `written`: its name in the document next to the package
   * URL, which for some types lost the case or the end of the name; '' if absent.
   */
  fromPurl(purl: Purl, written?: string): PurlPackage | undefined;
  /** Returns the package URL of the source package; undefined: source packages have none. */
  ofSource?(purl: Purl, source: SourcePackage): Purl;
  /** Returns the distribution that tools call `id` (os-release(5), or their own name); undefined if another ecosystem owns it. */
  distribution?(id: string, version: string): Distribution | undefined;
}

/** The content of a package URL; without `repositories`, a distribution package. */
export interface PurlPackage {
  readonly package: Omit<Package, 'detector'>;
  readonly distribution?: Distribution;
  /** What its version says of the distribution; it counts only if neither the package URL nor its document names one. */
  readonly presumed?: Distribution;
  readonly repositories?: readonly Repository[];
}
