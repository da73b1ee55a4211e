/** Versions of Rust crates: semver. */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareSemver, parseSemver, type Semver, semverKey } from '../../formats/versions/semver.ts';

/** Cargo takes nothing but full semver; so that no bound of an advisory is lost, `1.2` is `1.2.0`. */
export const cargoVersions: VersionScheme<Semver> = {
  id: 'cargo',
  parse: (text) => parseSemver(text, { lenient: true }),
  compare: compareSemver,
  key: semverKey,
};
