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
import { osvDistributions } from './feeds/osv-distributions.ts';
import { advisoriesOf } from './foreign.ts';
import { lookups } from './lookups.ts';
import { packageManifest } from './package-manifest.ts';
import { purl } from './purl.ts';
import { SCOPES } from './scopes/releases.ts';
import { rpmVersions } from './scopes/version.ts';

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
  packageFiles: [{ begins: /^\xed\xab\xee\xdb/, name: /^(.+)-[^-]+-[^-]+\.\w+\.rpm$/ }],
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
    lazyFeeds('aws', async () => (await import('./feeds/aws-feed.ts')).awsFeeds, ['amzn:']),
    lazyFeeds('aws-extras', async () => (await import('./feeds/aws-extras-feed.ts')).awsExtrasFeeds, [
      'amzn:2:',
      'amzn:2023:',
    ]),
    lazyFeeds('azure', async () => (await import('./feeds/azure-feed.ts')).azureFeeds, [
      'azurelinux:',
      'mariner:',
    ]),
    lazyFeeds('bottlerocket', async () => (await import('./feeds/bottlerocket-feed.ts')).bottlerocketFeeds, [
      'bottlerocket',
    ]),
    lazyFeeds('epel', async () => (await import('./feeds/fedora-feed.ts')).epelFeeds, ['epel:']),
    lazyFeeds('fedora', async () => (await import('./feeds/fedora-feed.ts')).fedoraFeeds, ['fedora:']),
    lazyFeeds('oracle', async () => (await import('./feeds/oracle-feed.ts')).oracleFeeds, ['ol:']),
    lazyFeeds('photon', async () => (await import('./feeds/photon-feed.ts')).photonFeeds, ['photon:']),
    lazyFeeds('suse', async () => (await import('./feeds/suse-feed.ts')).suseFeeds, [
      'sles:',
      'opensuse-leap:',
    ]),
    ...osvDistributions,
  ],
} satisfies Omit<Ecosystem, 'coalesce'>;
