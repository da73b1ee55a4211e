/** Semantic Versioning as an order of versions. */
import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareSemver, parseSemver, type Semver, semverKey } from './semver.ts';

/** For registries that demand it; `2.9` is `2.9.0` and `v1.0.0` is `1.0.0`, so that no bound of an advisory is lost. */
export function semverScheme(id: string): VersionScheme<Semver> {
  return {
    id,
    parse: (text) => parseSemver(text, { lenient: true, prefixV: true }),
    compare: compareSemver,
    key: semverKey,
  };
}
