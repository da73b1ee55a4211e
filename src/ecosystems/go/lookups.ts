/** What of a Go program is looked up in the advisories. */

import type { Lookup } from '../../contract/lookup.ts';
import type { IndexRecord } from '../../model/index-report.ts';
import { GO_REPOSITORY } from './detect-binary.ts';

/** The one scope of all Go modules. */
export const GO_SCOPE = 'go';

/**
 * A module at its version. `(devel)`, the linker's word for "built from a working copy", and any other text that is no
 * version is looked up too: where there are advisories for that module it comes out as undecided, never as safe.
 * differs: Clair leaves such modules out, which reads as "not affected" (clair-matching.md#version-schemes).
 */
export function lookups({ package: { name, version, kind }, repository }: IndexRecord): readonly Lookup[] {
  if (repository?.name !== GO_REPOSITORY.name || kind !== 'binary') return [];
  return [{ scope: GO_SCOPE, name, kind, version: name === 'stdlib' ? released(version) : version }];
}

/**
 * go.dev/doc/toolchain#version: what follows `-` in `1.21.3-acme` names who built it, not a pre-release. But
 * `1.26-devel_0123abc` is what becomes 1.26, so it is below all of 1.26 but its first betas.
 */
function released(version: string): string {
  return version.replace(/^(\d+\.\d+)-devel.*$/s, '$1.0-devel').replace(/-(?!devel$).*$/s, '');
}
