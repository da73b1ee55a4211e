/** What differs between the ecosystems of the OSV database, and how a distribution's releases are told apart. */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import type { Scope } from '../../model/advisory.ts';
import type { PackageKind } from '../../model/package.ts';
import type { VulnerableCode } from '../../model/vulnerable-code.ts';

/** The releases of a distribution in its dump. */
export interface OsvReleases {
  /** All that the dump covers. */
  readonly scopes: readonly Scope[];
  /** Returns the scopes of the text after the colon: `9` in `AlmaLinux:9`. Empty for a release that is not read. */
  of(release: string): readonly Scope[];
}

/** What differs between the ecosystems of the OSV database. */
export interface OsvOptions {
  /** Directory of the dump, as OSV spells it: `PyPI`. */
  readonly dump: string;
  /** Of its feed; default: `osv/` and the dump in small letters. */
  readonly name?: string;
  /** Where its advisories hold: the one scope, or those of each release. */
  readonly scope: Scope | OsvReleases;
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
  /** What `ecosystem_specific` of an entry of `affected` (JSON), about the package `name`, says of the code that is vulnerable. */
  readonly codeOf?: (specific: unknown, name: string) => VulnerableCode | undefined;
  /** As in `Feed`. */
  readonly revision?: string;
  /** Whether its records are errata of a distribution, as errata.ts reads them. */
  readonly errata?: boolean;
}

/** Returns releases that are named exactly as the keys of `scopes`. */
export function namedReleases(scopes: ReadonlyMap<string, Scope>): OsvReleases {
  return {
    scopes: [...scopes.values()],
    of(release) {
      const scope = scopes.get(release);
      return scope === undefined ? [] : [scope];
    },
  };
}
