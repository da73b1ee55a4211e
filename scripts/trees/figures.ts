/** The trees that are compared, and what came of it. */

export interface Figures {
  readonly tree: string;
  /** Packages of each. */
  readonly ours: number;
  readonly syft: number;
  readonly trivy: number;
  /** Those that neither of the others has. */
  readonly alone: number;
  /** Why what one of the others has is not found here, and of how many packages that holds. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
}

export interface Tree {
  readonly tree: string;
  readonly what: string;
  /** Trivy reads lock files with `fs` alone, and what is installed with `rootfs`. */
  readonly how: 'rootfs' | 'fs';
}

export const TREES: readonly Tree[] = [
  { tree: 'debian', what: 'Debian packages with their database', how: 'rootfs' },
  { tree: 'programs', what: 'the same programs in `/usr/local`, without it', how: 'rootfs' },
  { tree: 'pypi', what: 'wheels of PyPI', how: 'rootfs' },
  { tree: 'npm', what: '`node_modules`', how: 'rootfs' },
  { tree: 'cargo', what: '`Cargo.lock`', how: 'fs' },
  { tree: 'go', what: 'a Go program, and its `go.mod`', how: 'fs' },
  { tree: 'maven', what: 'libraries of Spring Boot, and Tomcat', how: 'rootfs' },
  { tree: 'composer', what: 'what Composer installed', how: 'rootfs' },
  { tree: 'gem', what: 'gems', how: 'rootfs' },
  { tree: 'nuget', what: '`deps.json` of .NET', how: 'rootfs' },
  { tree: 'hex', what: '`mix.lock`', how: 'fs' },
  { tree: 'conda', what: 'conda packages', how: 'rootfs' },
  { tree: 'bitnami', what: 'components of Bitnami', how: 'rootfs' },
];
