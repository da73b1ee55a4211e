/** What is looked up in the advisories, and where. */
import type { PackageKind } from '../model/package.ts';

/** A package to look up: in `scope`, the package `name` of `kind` at `version`. */
export interface Finding {
  readonly scope: string;
  readonly name: string;
  readonly kind: PackageKind;
  readonly version: string;
  readonly arch?: string;
  readonly module?: string;
}

/** Which scopes of advisories hold for a finding. */
export interface Cover {
  /** How the keys of such scopes begin, the findings' and the advisories'. */
  readonly prefix: string;
  /** Whether advisories of scope `advisory` hold for findings of scope `finding`. */
  covers(advisory: string, finding: string): boolean;
}
