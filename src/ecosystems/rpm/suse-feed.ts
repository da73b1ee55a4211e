/** The advisories of SUSE Linux Enterprise Server and openSUSE Leap: an OVAL file for each release, found in a folder. */
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet } from '../../contract/feed.ts';
import { AppError } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { inFolder } from '../../feeds/in-folder.ts';
import type { Distribution } from '../../model/package.ts';
import type { Severity } from '../../model/severity.ts';
import { leapRelease, slesRelease } from './releases.ts';
import { rpmOvalFeed, scopeOf } from './rpm-oval.ts';

// clair-quirk: severities of SUSE begin with a capital; written in small letters they are Unknown
const SEVERITIES: Readonly<Record<string, Severity>> = {
  None: 'Unknown',
  Low: 'Low',
  Moderate: 'Medium',
  Important: 'High',
  Critical: 'Critical',
};

const SetConfig = z.object({ url: httpUrl.default('https://ftp.suse.com/pub/projects/security/oval/') });

/** The updater set `suse`: a feed for each release with a file of its own. */
export const suseFeeds: FeedSet = {
  set: 'suse',
  async feeds(config: unknown, context: FeedContext): Promise<readonly Feed[]> {
    const { url } = readFeedConfig('suse', SetConfig, config);
    const response = await context.request(inFolder(url, ''));
    if (response.status !== 200) {
      await response.discard();
      throw new AppError('feed', `suse: ${url} answered ${response.status}; see updaters.config.suse.url`);
    }
    const files = filesIn(await response.text());
    if (files.size === 0)
      throw new AppError(
        'feed',
        `suse: ${url} lists no file of SUSE Linux Enterprise Server or openSUSE Leap; see updaters.config.suse.url`,
      );
    return [...files].map(([file, distribution]) =>
      rpmOvalFeed({
        name: `suse-updater-${file}`,
        url: inFolder(url, `${file}.xml.gz`),
        scopes: [scopeOf(distribution)],
        severities: SEVERITIES,
        dated: false, // clair-quirk: vulnerabilities of SUSE show no date of issue
      }),
    );
  },
};

const HREF = /href\s*=\s*["']?([^"'\s>]{1,500})/gi;
const FILE =
  /^(?:[^?#]*\/)?(suse\.linux\.enterprise\.server\.(?<major>[1-9]\d)|opensuse\.leap\.(?<leap>1\d\.\d{1,2}))\.xml\.gz$/;

// differs: a file that SUSE's folder lists twice, or under a longer name too, is one file (clair-matching.md#suse)
/** Names of files -> their releases. Files of one service pack, of patches, and of other products have other names. */
function filesIn(listing: string): Map<string, Distribution> {
  const files = new Map<string, Distribution>();
  for (const [, href = ''] of listing.matchAll(HREF)) {
    const match = FILE.exec(href);
    const { major, leap } = match?.groups ?? {};
    if (major !== undefined) files.set(match![1]!, slesRelease(major));
    else if (leap !== undefined && isSupported(leap)) files.set(match![1]!, leapRelease(leap));
  }
  return files;
}

/** Files of Leap before 15.5 are no longer kept up to date. */
function isSupported(leap: string): boolean {
  const [major = 0, minor = 0] = leap.split('.').map(Number);
  return major > 15 || (major === 15 && minor >= 5);
}
