/** A package as its package manager takes it: an image with one is incomplete, unless a package of that name is installed. */
export interface PackageFile {
  /** Of the first bytes (up to 16) as Latin-1. */
  readonly begins: RegExp;
  /** Of the base name; default: any. */
  readonly is?: RegExp;
  /** Of the base name: the first group is the name of the package. */
  readonly name: RegExp;
}
