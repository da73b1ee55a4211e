/** What rpm installed, on Red Hat's distributions and on the others. */
import type { Ecosystem } from '../../../contract/ecosystem.ts';
import { lazyFeeds } from '../../../feeds/lazy-feeds.ts';
import { rpmDistributions } from '../../rpm/index.ts';
import { coalesceRpms } from '../repositories/coalesce.ts';
import { rhelRepositories } from '../repositories/repoids.ts';
import { redHatResolver } from '../repositories/resolver.ts';
import { coverByCpe, RHEL_PREFIX } from '../scopes/scopes.ts';
import { rpmPackages } from './databases.ts';
import { advisoriesOf } from './foreign.ts';
import { lookups } from './lookups.ts';
import { purl } from './purl.ts';

/** The family of rpm. */
export const rpm: Ecosystem = {
  ...rpmDistributions,
  scopes: [...rpmDistributions.scopes, RHEL_PREFIX],
  matchers: { ...rpmDistributions.matchers, rhel: [RHEL_PREFIX] },
  unpatched: { rhel: [RHEL_PREFIX] },
  detectors: [rpmPackages, ...rpmDistributions.detectors, rhelRepositories],
  resolver: redHatResolver,
  // A database elsewhere, or in another format, stands beside those of lower layers until they are removed or replaced.
  // differs: an RPM has one environment per database that lists it, regardless of other databases (clair-indexing.md#environments-of-rpms, clair-indexing.md#emptied-databases)
  coalesce: coalesceRpms,
  lookups,
  cover: coverByCpe(RHEL_PREFIX),
  advisoriesOf,
  purl,
  feeds: [
    ...rpmDistributions.feeds,
    lazyFeeds('rhel-vex', async () => (await import('../vex/feed.ts')).vexFeeds, [
      RHEL_PREFIX,
      'hummingbird',
      'rhel:',
    ]),
  ],
};
