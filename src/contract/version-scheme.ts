/** The order of versions. */

/**
 * The order of a version scheme. Law: for readable a, b with keys,
 * `sign(compare(a, b)) === sign(memcmp(key(a), key(b)))`, and `compare` is a total preorder.
 */
export interface VersionScheme<V = unknown> {
  readonly id: string;
  /** undefined: the text is no version of this scheme. Trims nothing that the native tool would refuse. */
  parse(text: string): V | undefined;
  compare(a: V, b: V): number;
  /** undefined: this version has no place in byte order (Maven's cycles); it is decided by `compare`. */
  key(version: V): Buffer | undefined;
}
