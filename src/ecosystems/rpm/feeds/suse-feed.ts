/**
 * The advisories of SUSE Linux Enterprise Server and openSUSE Leap: an OVAL file for each release, found in a folder; or, if
 * that is configured, what the OSV database has of it. Either way a release has one feed with one name, so that what one
 * source said is replaced by what the other says.
 */
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet } from '../../../contract/feed.ts';
import { AppError } from '../../../errors.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { inFolder } from '../../../feeds/in-folder.ts';
import { osvFeed } from '../../../formats/osv/feed.ts';
import type { OvalMatch } from '../../../formats/oval/oval.ts';
import type { Scope } from '../../../model/advisory.ts';
import type { Distribution } from '../../../model/package.ts';
import type { Severity } from '../../../model/severity.ts';
import { leapRelease, slesRelease } from '../scopes/releases.ts';
import { slesScopes } from '../scopes/scopes.ts';
import { errataIn } from './osv-errata.ts';
import { rpmOvalFeed, scopeOf } from './rpm-oval.ts';
import { leapReleases, slesReleases } from './suse-products.ts';

// clair-quirk: severities of SUSE begin with a capital; written in small letters they are Unknown
const SEVERITIES: Readonly<Record<string, Severity>> = {
  None: 'Unknown',
  Low: 'Low',
  Moderate: 'Medium',
  Important: 'High',
  Critical: 'Critical',
};

const SetConfig = z.object({
  source: z.enum(['oval', 'osv']).default('oval'),
  /** The folder of the OVAL files, or the place of OSV's dumps. */
  url: httpUrl.optional(),
});

const FOLDER = 'https://ftp.suse.com/pub/projects/security/oval/';

/** Releases that the OSV database has and OVAL files are of. */
const [SLES, LEAPS] = [
  ['11', '12', '15'],
  ['15.5', '15.6'],
];

/** The updater set `suse`: a feed for each release with a file of its own. */
export const suseFeeds: FeedSet = {
  set: 'suse',
  async feeds(config: unknown, context: FeedContext): Promise<readonly Feed[]> {
    const { source, url: configured } = readFeedConfig('suse', SetConfig, config);
    if (source === 'osv') return osvOfSuse(configured);
    const url = configured ?? FOLDER;
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
        name: `${PREFIX}${file}`,
        url: inFolder(url, `${file}.xml.gz`),
        scopes: distribution.did === 'sles' ? slesScopes(distribution.version) : [scopeOf(distribution)],
        scopesOfMatch: servicePacksOf,
        severities: SEVERITIES,
        dated: false, // clair-quirk: vulnerabilities of SUSE show no date of issue
      }),
    );
  },
};

const PREFIX = 'suse-updater-';

function osvOfSuse(url: string | undefined): Feed[] {
  const ofSles = SLES.map((major) => ({
    ...errataIn('SUSE', slesReleases(major), 'source'),
    name: `${PREFIX}suse.linux.enterprise.server.${major}`,
  }));
  const ofLeap = LEAPS.map((version) => ({
    ...errataIn('openSUSE', leapReleases(version), 'source'),
    name: `${PREFIX}opensuse.leap.${version}`,
  }));
  return [...ofSles, ...ofLeap].map((options) => osvFeed(options, url));
}

/** `SUSE Linux Enterprise Module for Basesystem 15 SP4 is installed`, `… Server 12 SP5-LTSS is installed`, `… Server 15 is installed`. */
const PRODUCT =
  /^SUSE Linux Enterprise\b.* (\d{2})(?:[ -]SP(\d{1,2}))?(?:[- ][A-Za-z][\w -]*)? is installed$/;

/**
 * The scopes of the service packs that have to be installed beside a package: its fix for another one is none for it. All
 * of the release, its first scope, where none is named.
 */
// differs: what holds for one service pack holds for no other (clair-matching.md#suse)
export function servicePacksOf(
  { given }: Pick<OvalMatch, 'given'>,
  scopes: readonly Scope[],
): readonly Scope[] {
  let packs: ReadonlySet<string> | undefined;
  for (const group of given) {
    const named = group.map((comment) => PRODUCT.exec(comment.trim())?.[2]);
    if (!named.every((pack) => pack !== undefined)) continue;
    const own = new Set(named.map((pack) => String(Number(pack))));
    packs = packs === undefined ? own : new Set([...packs].filter((pack) => own.has(pack)));
  }
  const named = scopes.filter(({ distribution }) => packs?.has(distribution?.servicePack ?? ''));
  return named.length > 0 && named.length === packs?.size ? named : scopes.slice(0, 1);
}

const HREF = /href\s*=\s*["']?([^"'\s>]{1,500})/gi;
const FILE =
  /^(?:[^?#]*\/)?(suse\.linux\.enterprise\.server\.(?<major>[1-9]\d)|opensuse\.leap\.(?<leap>1\d\.\d{1,2}))\.xml\.gz$/;

// differs: a file that SUSE's directory lists twice, or under a longer name too, is one file (clair-matching.md#suse)
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
