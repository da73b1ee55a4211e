/** A vulnerability as Clair's JSON has it. */
import type { Advisory, VulnerabilityText } from '../model/advisory.ts';
import type { Distribution, Repository } from '../model/package.ts';

/** The versions that an advisory is about. */
export type Bounds = Pick<Advisory, 'from' | 'below' | 'upTo'>;

/** A vulnerability by the names of Clair's JSON, decoded: texts that are absent there are ''. */
export interface ForeignVulnerability {
  /** The feed that it came from, as Clair names it. */
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
  /** Half-open: Clair's normalised versions, `kind:ten.ints`. */
  readonly range?: { readonly lower: string; readonly upper: string };
  /** What our own exports add where the two above cannot say it: it goes before them. */
  readonly bounds?: Bounds;
  readonly assertsUnaffected: boolean;
}
