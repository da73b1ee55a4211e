/** What feeds say, in the one form that all matching works on. */
import type { Distribution, PackageKind, Repository } from './package.ts';
import type { Severity } from './severity.ts';
import type { VulnerableCode } from './vulnerable-code.ts';

/** Where a version means something, e.g. `debian:12`, `alpine:3.18`, `pypi`, `go`. */
export interface Scope {
  readonly key: string;
  /** What a report shows for advisories of this scope. */
  readonly distribution?: Distribution;
  readonly repository?: Repository;
}

/** A bound in place of those that a feed did not say in a way that can be read: whether a version is affected is not known. */
export const UNREADABLE_BOUND = '?';

/** The module of what is of some stream that is not told: nothing that it is compared with is decided. */
export const ANY_MODULE = '*';

/** The text of a vulnerability, shared by all its advisories. */
export interface VulnerabilityText {
  /** CVE or advisory id, or whatever the feed calls it. */
  readonly name: string;
  readonly description: string;
  /** RFC 3339; undefined is shown as Go's zero time. */
  readonly issued?: string;
  /** URLs joined by one space. */
  readonly links: string;
  /** As the feed says it: a word or a CVSS vector. */
  readonly severity: string;
  readonly normalizedSeverity: Severity;
  /** Other names of the same vulnerability, e.g. CVE ids of a GHSA. */
  readonly aliases?: readonly string[];
}

/**
 * In `scope`, the package `name` of `kind` is affected for `from <= version < below` (or `<= upTo`).
 * Versions are the feed's texts; keys are made at import. No bound at all: every version is affected.
 */
export interface Advisory {
  readonly scope: string;
  /** As it is compared: e.g. PEP 503 normalised for pypi. */
  readonly name: string;
  readonly kind: PackageKind;
  readonly module?: string;
  /** Architectures it holds for; undefined: all. */
  readonly arches?: readonly string[];
  /** Inclusive lower bound. */
  readonly from?: string;
  /** Exclusive upper bound. */
  readonly below?: string;
  /** Inclusive upper bound; at most one of `below` and `upTo`. */
  readonly upTo?: string;
  /** The wire's `package.name` where it differs from `name`. */
  readonly shownName?: string;
  /** The wire's `package.arch` where Clair's feed has a pattern, as written there (`arch_op` is then `pattern match`). */
  readonly shownArch?: string;
  /** Says that these versions are *not* affected, whatever other advisories say of the source package. */
  readonly assertsUnaffected?: boolean;
  /** The wire's `fixed_in_version`, in Clair's encoding for this feed. */
  readonly fixedInVersion: string;
  /** Which packages and functions it is about; undefined: its feed does not say. */
  readonly code?: VulnerableCode;
  readonly vulnerability: VulnerabilityText;
}

/** An advisory without its text: all that matching needs. */
export type AdvisoryFacts = Omit<Advisory, 'vulnerability'>;

/** One current fact about a CVE. */
export interface Enrichment {
  /** CVE id, upper case. */
  readonly tag: string;
  readonly data: unknown;
}
