/** The package manager apk, of Alpine Linux, Wolfi and Chainguard. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { lazyFeeds } from '../../feeds/lazy-feeds.ts';
import { newestDatabase } from '../coalesce.ts';
import { advisoriesOf } from './foreign.ts';
import { installed } from './installed.ts';
import { lookups } from './lookups.ts';
import { purl } from './purl.ts';
import { release } from './release.ts';
import { ROLLING } from './rolling.ts';
import { rollingRelease } from './rolling-release.ts';
import { apkVersion } from './version.ts';

/** Packages that apk installs. */
export const apk: Ecosystem = {
  id: 'apk',
  scopes: ['alpine:', ...ROLLING.map(({ id }) => id)],
  matchers: { 'alpine-matcher': ['alpine:'] },
  detectors: [installed, release, rollingRelease],
  coalesce: newestDatabase,
  versions: apkVersion,
  lookups,
  advisoriesOf,
  purl,
  feeds: [
    lazyFeeds('alpine', async () => (await import('./feeds.ts')).alpineFeeds),
    ...ROLLING.map(({ id }) =>
      lazyFeeds(id, async () => (await import('./rolling-feeds.ts')).rollingFeeds[id]!),
    ),
  ],
};
