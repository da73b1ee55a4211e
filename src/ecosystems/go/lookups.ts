/** What of a Go program is looked up in the advisories. */

import { lookupsOf } from '../osv-language.ts';
import { GO_REPOSITORY } from './detect-binary.ts';

/** The one scope of all Go modules. */
export const GO_SCOPE = 'go';

/**
 * A module at its version. `(devel)`, the linker's word for "built from a working copy", and any other text that is no
 * version is looked up too: where there are advisories for that module it comes out as undecided, never as safe.
 * differs: Clair leaves such modules out, which reads as "not affected" (clair-matching.md#version-schemes).
 */
export const lookups = lookupsOf(
  { scope: GO_SCOPE, repository: GO_REPOSITORY, normaliseName },
  ({ name, version }) => (name === 'stdlib' ? releaseOf(version) : version),
);

/**
 * Module paths have case, package URLs have not: a path in an SBOM may have lost it. Hosts of modules take paths that
 * differ in case alone for one.
 * differs: Clair compares paths with their case, and finds nothing for a module of such an SBOM (clair-matching.md#version-schemes)
 */
export function normaliseName(name: string): string {
  return name.toLowerCase();
}

/**
 * go.dev/doc/toolchain#version: what follows `-` in `1.21.3-acme` names who built it, not a pre-release. But
 * `1.26-devel_0123abc` is what becomes 1.26, so it is below all of 1.26 but its first betas. Some write `1.26rc1` as
 * semver does: `1.26.0-rc.1`.
 */
function releaseOf(version: string): string {
  return version
    .replace(/^(\d+\.\d+)-devel.*$/s, '$1.0-devel')
    .replace(/-(?!devel$|(?:alpha|beta|rc)\.?\d).*$/s, '')
    .replace(/(-(?:alpha|beta|rc)\.?\d+)-.*$/s, '$1');
}
