/** Arch Linux: packages that pacman installed, and what Arch's security tracker says about them. */
import type { Ecosystem } from '../../contract/ecosystem.ts';
import { lazyFeeds } from '../../feeds/lazy-feeds.ts';
import { newestDatabase } from '../coalesce.ts';
import { pacmanPackages } from './detect-local.ts';
import { advisoriesOf } from './foreign.ts';
import { lookups } from './lookups.ts';
import { purl } from './purl.ts';
import { ARCH, archRelease } from './release.ts';
import { archVersions } from './version.ts';

/** The family of pacman. */
export const arch: Ecosystem = {
  id: ARCH,
  type: 'alpm',
  scopes: [ARCH],
  detectors: [pacmanPackages, archRelease],
  packageFiles: [{ begins: /^/, is: /\.pkg\.tar(?:\.\w+)?$/, name: /^(.+)-[^-]+-[^-]+-[^-]+\.pkg\.tar/ }],
  coalesce: newestDatabase,
  versions: archVersions,
  lookups,
  advisoriesOf,
  purl,
  feeds: [lazyFeeds(ARCH, async () => (await import('./feed.ts')).archFeeds)],
};
