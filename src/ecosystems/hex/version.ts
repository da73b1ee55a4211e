/** Versions of Hex: Semantic Versioning, which Hex demands; applications that were never published have any text. */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareSemver, parseSemver, type Semver, semverKey } from '../../formats/versions/semver.ts';

/** As Elixir's `Version` reads them, and `2.9` as `2.9.0`, so that no bound of an advisory is lost. */
export const hexVersions: VersionScheme<Semver> = {
  id: 'hex',
  parse: (text) => parseSemver(text, { lenient: true }),
  compare: compareSemver,
  key: semverKey,
};
