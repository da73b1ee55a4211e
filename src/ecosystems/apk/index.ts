/** The package manager apk, of Alpine Linux and the distributions that share it. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import type { FeedSet } from '../../contract/feed.ts';
import { lazyFeeds } from '../../feeds/lazy-feeds.ts';
import { namedReleases } from '../../formats/osv/options.ts';
import { osv } from '../../formats/osv/osv.ts';
import { newestDatabase } from '../coalesce.ts';
import { derivativeRelease } from './derivative-release.ts';
import {
  type ApkDistribution,
  DERIVATIVE_SCOPES,
  DISTRIBUTIONS,
  derivativeScope,
  derivativeScopes,
} from './distributions.ts';
import { advisoriesOf } from './foreign.ts';
import { installed } from './installed.ts';
import { lookups } from './lookups.ts';
import { purl } from './purl.ts';
import { release } from './release.ts';
import { apkVersion } from './version.ts';

/** Packages that apk installs. */
export const apk: Ecosystem = {
  id: 'apk',
  scopes: ['alpine:', ...DERIVATIVE_SCOPES],
  matchers: { 'alpine-matcher': ['alpine:'] },
  detectors: [installed, release, derivativeRelease],
  packageFiles: [{ begins: /^(?:\x1f\x8b|ADB)/, is: /\.apk$/, name: /^(.+?)-\d[^-]*-r\d+\.apk$/ }],
  coalesce: newestDatabase,
  versions: apkVersion,
  lookups,
  advisoriesOf,
  purl,
  feeds: [
    lazyFeeds('alpine', async () => (await import('./feeds.ts')).alpineFeeds, ['alpine:']),
    ...DISTRIBUTIONS.map((row) =>
      'dump' in row.source
        ? osvFeed(row, row.source.dump)
        : lazyFeeds(row.id, async () => (await import('./derivative-feeds.ts')).derivativeFeeds[row.id]!, [
            row.id,
          ]),
    ),
  ],
};

/** The feed `osv/<dump>` of a distribution; its records name source packages. */
function osvFeed(row: ApkDistribution, dump: string): FeedSet {
  const { releases } = row;
  return osv({
    dump,
    scope:
      releases === undefined
        ? derivativeScope(row)
        : namedReleases(new Map(derivativeScopes(row).map((scope, index) => [releases[index]!, scope]))),
    versions: apkVersion,
    ranges: ['ECOSYSTEM'],
    encodeFixed: 'text',
    kind: 'source',
    errata: true,
    mirrorsMayLack: true,
  });
}
