/** Alpine Linux and its package manager apk. */

import { lazyFeeds } from '../../formats/lazy-feeds.ts';
import { newestDatabase } from '../coalesce.ts';
import type { Ecosystem } from '../contract.ts';
import { findings } from './findings.ts';
import { installed } from './installed.ts';
import { release } from './release.ts';
import { apkVersion } from './version.ts';

/** Packages that apk installs; what is known of them is Alpine Linux's. */
export const apk: Ecosystem = {
  id: 'apk',
  detectors: [installed, release],
  coalesce: newestDatabase,
  versions: apkVersion,
  findings,
  feeds: [lazyFeeds('alpine', async () => (await import('./feeds.ts')).alpineFeeds)],
};
