/** Distributions with rpm, from Amazon Linux to SUSE, and what their publishers say: `redhat/rpms/` makes an ecosystem of it. */

import type { Ecosystem } from '../../contract/ecosystem.ts';
import { lazyFeeds } from '../../feeds/lazy-feeds.ts';
import { bottlerocketInventory, bottlerocketRelease } from './bottlerocket.ts';
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
import { osvDistributions } from './osv-distributions.ts';
import { packageManifest } from './package-manifest.ts';
import { purl } from './purl.ts';
import { SCOPES } from './releases.ts';
import { rpmVersions } from './version.ts';

/** All but Red Hat's own. The packages of all are in the same databases, some with repositories of Red Hat: it says how they are found. */
export const rpmDistributions = {
  id: 'rpm',
  scopes: SCOPES,
  matchers: {
    'aws-matcher': ['amzn:'],
    // clair-quirk: its guides name matchers that it does not have; there they match nothing
    aws: ['amzn:'],
    oracle: ['ol:'],
    suse: ['sles:', 'opensuse-leap:'],
  },
  detectors: [
    packageManifest,
    bottlerocketInventory,
    rhelDetector,
    awsDetector,
    oracleDetector,
    suseDetector,
    photonDetector,
    otherDetector,
    bottlerocketRelease,
  ],
  versions: rpmVersions,
  lookups,
  advisoriesOf,
  purl,
  feeds: [
    lazyFeeds('aws', async () => (await import('./aws-feed.ts')).awsFeeds),
    lazyFeeds('aws-extras', async () => (await import('./aws-extras-feed.ts')).awsExtrasFeeds),
    lazyFeeds('azure', async () => (await import('./azure-feed.ts')).azureFeeds),
    lazyFeeds('bottlerocket', async () => (await import('./bottlerocket-feed.ts')).bottlerocketFeeds),
    lazyFeeds('epel', async () => (await import('./fedora-feed.ts')).epelFeeds),
    lazyFeeds('fedora', async () => (await import('./fedora-feed.ts')).fedoraFeeds),
    lazyFeeds('oracle', async () => (await import('./oracle-feed.ts')).oracleFeeds),
    lazyFeeds('photon', async () => (await import('./photon-feed.ts')).photonFeeds),
    lazyFeeds('suse', async () => (await import('./suse-feed.ts')).suseFeeds),
    ...osvDistributions,
  ],
} satisfies Omit<Ecosystem, 'coalesce'>;
