/** The patterns of architectures that publishers of rpms write. */

/** `x86_64`, `aarch64|x86_64`, `(aarch64|x86_64)`. */
const ARCHES = /^\^?\(?(\w+(?:\|\w+)*)\)?\$?$/;

/** The architectures of a pattern; undefined if it is another expression. */
export function archesOfPattern(pattern: string): string[] | undefined {
  return ARCHES.exec(pattern.trim())?.[1]?.split('|');
}
