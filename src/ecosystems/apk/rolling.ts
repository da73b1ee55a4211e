/** Distributions of apk packages without releases: Wolfi, and Chainguard's built on it. */

export interface Rolling {
  /** Of os-release, and of its updater set and its scope. */
  readonly id: string;
  readonly name: string;
}

/** All that there are. */
export const ROLLING: readonly Rolling[] = [
  { id: 'wolfi', name: 'Wolfi' },
  { id: 'chainguard', name: 'Chainguard' },
];
