/** Architectures in the advisories of Red Hat, which are about rpms and containers alike. */

/** Names of the other world for the same machines: rpm's and containers'. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  x86_64: ['amd64', 'x86_64'],
  amd64: ['amd64', 'x86_64'],
  // differs: containers for arm64 are found with every spelling of the architecture in their labels (clair-matching.md#red-hat-vex)
  arm64: ['aarch64', 'arm64'],
  aarch64: ['aarch64', 'arm64'],
};

/** Packages of sources are never installed. */
export function isSource(arch: string): boolean {
  return arch === 'src' || arch === 'nosrc';
}

/** By all their names, without those of sources. */
export function namesOfArches(arches: readonly string[]): string[] {
  return [...new Set(arches.flatMap((arch) => (isSource(arch) ? [] : (SYNONYMS[arch] ?? arch))))];
}
