/** Distributions with rpm, from Amazon Linux to SUSE: what rpm installed, and what their publishers say about it. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { lazyFeeds } from '../../feeds/lazy-feeds.ts';
import { coalesceRpms } from '../redhat/repositories/coalesce.ts';
import { rhelRepositories } from '../redhat/repositories/repoids.ts';
import { redHatResolver } from '../redhat/repositories/resolver.ts';
import { coverByCpe, RHEL_PREFIX } from '../redhat/scopes/scopes.ts';
import { rpmDatabases } from './databases.ts';
import {
  awsDetector,
  oracleDetector,
  otherDetector,
  photonDetector,
  rhelDetector,
  suseDetector,
} from './distributions.ts';
import { advisoriesOf } from './foreign.ts';
import { lookups } from './lookups.ts';
import { purl } from './purl.ts';
import { rebuildFeeds } from './rebuilds.ts';
import { SCOPES } from './releases.ts';
import { rpmVersions } from './version.ts';

/** The family of rpm. */
export const rpm: Ecosystem = {
  id: 'rpm',
  scopes: [...SCOPES, RHEL_PREFIX],
  matchers: {
    'aws-matcher': ['amzn:'],
    // clair-quirk: its guides name matchers that it does not have; there they match nothing
    aws: ['amzn:'],
    oracle: ['ol:'],
    rhel: [RHEL_PREFIX],
    suse: ['sles:', 'opensuse-leap:'],
  },
  detectors: [
    rpmDatabases,
    rhelDetector,
    awsDetector,
    oracleDetector,
    suseDetector,
    photonDetector,
    otherDetector,
    rhelRepositories,
  ],
  resolver: redHatResolver,
  // A database elsewhere, or in another format, stands beside those of lower layers until they are removed or replaced.
  // differs: an rpm has one environment for each database that it is in, whatever other databases there are (clair-indexing.md#environments-of-rpms, clair-indexing.md#emptied-databases)
  coalesce: coalesceRpms,
  versions: rpmVersions,
  lookups,
  cover: coverByCpe(RHEL_PREFIX),
  advisoriesOf,
  purl,
  feeds: [
    lazyFeeds('aws', async () => (await import('./aws-feed.ts')).awsFeeds),
    lazyFeeds('oracle', async () => (await import('./oracle-feed.ts')).oracleFeeds),
    lazyFeeds('photon', async () => (await import('./photon-feed.ts')).photonFeeds),
    lazyFeeds('suse', async () => (await import('./suse-feed.ts')).suseFeeds),
    lazyFeeds('rhel-vex', async () => (await import('../redhat/vex/feed.ts')).vexFeeds),
    ...rebuildFeeds,
  ],
};
