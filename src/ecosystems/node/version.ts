/** Versions of npm packages: semver, read as npm's "loose" mode does. */

import type { VersionScheme } from '../../contract/version-scheme.ts';
import { compareSemver, parseSemver, type Semver, semverKey } from '../../formats/versions/semver.ts';

/** npm takes `v1.2.3`, `=1.2.3` and spaces around; and so that no bound of an advisory is lost, `1.2` is `1.2.0`. */
export const npmVersions: VersionScheme<Semver> = {
  id: 'npm',
  parse: (text) => parseSemver(text.trim().replace(/^[v=\s]{1,16}/, ''), { lenient: true }),
  compare: compareSemver,
  key: semverKey,
};
