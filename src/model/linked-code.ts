/** What is known of the code in a program: which packages, and which of their functions (of Java: classes), are in it. */
import type { Digest } from './digest.ts';

export interface LinkedCode {
  /** Systems that it runs on, as `linux/amd64`; [] if that is not told. */
  readonly platforms: readonly string[];
  /** By name of the module (`stdlib`, ''; of a crate its own), paths of packages in it that have functions, '' for the module's own. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** Names of its functions as `encodeFilter` writes them; undefined: only packages are known. */
  readonly functions?: string;
  /** What is not in it may be linked all the same. */
  readonly incomplete?: true;
  /**
   * Packages may have been moved to other paths (Java): one that is not listed may be there all the same. Names in `functions` are
   * those of classes, without their packages; of a package that is listed, they are complete.
   */
  readonly relocatable?: true;
  /** The module that the main package is of, where nothing tells which of its packages that is. */
  readonly unnamedMain?: string;
}

/** The code of the program that is `packageDb` of its packages. */
export interface LinkedProgram extends LinkedCode {
  readonly packageDb: string;
  readonly introducedIn: Digest;
}
