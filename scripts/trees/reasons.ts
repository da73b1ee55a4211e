/** Why something that Syft or Trivy has in a tree is not found here. */

export interface Reason {
  /** Of the tree. */
  readonly tree: RegExp;
  /** Of `TYPE:NAME@VERSION`. */
  readonly of: RegExp;
  readonly reason: string;
}

export const REASONS: readonly Reason[] = [];
