/** Version schemes. */

/**
 * The order of a version scheme. Law: for readable a, b with keys,
 * `sign(compare(a, b)) === sign(memcmp(key(a), key(b)))`, and `compare` is a total preorder.
 */
export interface VersionScheme<V = unknown> {
  readonly id: string;
  /** Returns the parsed version; undefined if it is not valid. Accepts nothing that the native tool rejects. */
  parse(text: string): V | undefined;
  compare(a: V, b: V): number;
  /** Returns a key in byte order; undefined if none exists (cycles in Maven's order): then `compare` decides. */
  key(version: V): Buffer | undefined;
}
