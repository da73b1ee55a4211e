/** What differs between the ecosystems of the OSV database. */
import type { VersionScheme } from '../../contract/version-scheme.ts';
import type { Scope } from '../../model/advisory.ts';
import type { PackageKind } from '../../model/package.ts';

export interface OsvOptions {
  /** Directory of the dump, as OSV spells it: `PyPI`. */
  readonly dump: string;
  /** Where its advisories hold; of several releases, by what follows the colon: `9` in `AlmaLinux:9`. */
  readonly scope: Scope | ReadonlyMap<string, Scope>;
  readonly versions: VersionScheme;
  /** Whether a mirror of the database may be older than this dump: one that has none has no such feed, and is no failure. */
  readonly mirrorsMayLack?: boolean;
  /** How names are compared; default: as written. */
  readonly normaliseName?: (name: string) => string;
  /** Which range types hold versions of this ecosystem. */
  readonly ranges: readonly ('SEMVER' | 'ECOSYSTEM')[];
  /** `fixed_in_version` on the wire: the fixed version as written, or Clair's URL query of the interval. */
  readonly encodeFixed: 'text' | 'query';
  /** What its names are names of; default: binary packages. */
  readonly kind?: PackageKind;
  /** Whether pairs that hold nothing are mistakes in what people wrote: then they are sorted apart, by the letter of the schema. */
  readonly sortsInverted?: boolean;
  /** Whether `record` (JSON) is about its package `name` at all; default: it is. */
  readonly isAbout?: (record: unknown, name: string) => boolean;
  /** Whether its records are errata of a distribution, as osv-errata.ts reads them. */
  readonly errata?: boolean;
}
