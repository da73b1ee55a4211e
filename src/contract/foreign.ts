/** Vulnerabilities in Clair's JSON. */
import type { Advisory, VulnerabilityText } from '../model/advisory.ts';
import type { Distribution, Repository } from '../model/package.ts';
import type { VulnerableCode } from '../model/vulnerable-code.ts';

/** The version range of an advisory. */
export type Bounds = Pick<Advisory, 'from' | 'below' | 'upTo'>;

/** A decoded vulnerability with the member names of Clair's JSON; absent strings are ''. */
export interface ForeignVulnerability {
  /** Name of its feed, as in Clair. */
  readonly updater: string;
  readonly vulnerability: VulnerabilityText;
  readonly package: {
    readonly name: string;
    readonly version: string;
    readonly kind: string;
    readonly module: string;
    readonly arch: string;
  };
  readonly distribution: Distribution;
  readonly repository: Required<Repository>;
  readonly archOp: '' | 'equals' | 'not equals' | 'pattern match';
  readonly fixedInVersion: string;
  /** Half-open range of Clair's normalized versions, `kind:ten.ints`. */
  readonly range?: { readonly lower: string; readonly upper: string };
  /** Range that the two members above cannot express, from exports of this project; takes precedence over them. */
  readonly bounds?: Bounds;
  /** Which code is vulnerable, from exports of this project. */
  readonly code?: VulnerableCode;
  readonly assertsUnaffected: boolean;
}
