/** The advisories of Oracle Linux: an OVAL file for each year. */
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet } from '../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { inFolder } from '../../feeds/in-folder.ts';
import type { OvalDefinition } from '../../formats/oval/oval.ts';
import type { Scope } from '../../model/advisory.ts';
import type { Severity } from '../../model/severity.ts';
import { oracleRelease } from './releases.ts';
import { rpmOvalFeed, scopeOf } from './rpm-oval.ts';

const FIRST_YEAR = 2007;

// differs: advisories of Oracle Linux 10 are read too (clair-indexing.md#unknown-distributions)
const RELEASES: ReadonlyMap<string, Scope> = new Map(
  ['5', '6', '7', '8', '9', '10'].map((major) => [major, scopeOf(oracleRelease(major))]),
);
const NEWEST = 10;

const SEVERITIES: Readonly<Record<string, Severity>> = {
  'N/A': 'Unknown',
  LOW: 'Low',
  MODERATE: 'Medium',
  IMPORTANT: 'High',
  CRITICAL: 'Critical',
};

const SetConfig = z.object({ url: httpUrl.default('https://linux.oracle.com/security/oval/') });

/** The updater set `oracle`: a feed for each year, all of the same releases. */
export const oracleFeeds: FeedSet = {
  set: 'oracle',
  async feeds(config: unknown, context: FeedContext): Promise<readonly Feed[]> {
    const { url } = readFeedConfig('oracle', SetConfig, config);
    const now = context.now().getUTCFullYear();
    return Array.from({ length: Math.max(0, now - FIRST_YEAR + 1) }, (_, index) => FIRST_YEAR + index).map(
      (year) =>
        rpmOvalFeed({
          name: `oracle-${year}-updater`,
          url: inFolder(url, `com.oracle.elsa-${year}.xml.bz2`),
          scopes: [...RELEASES.values()],
          severities: SEVERITIES,
          scopesOf,
          dated: true,
          mayNotExistYet: year === now,
        }),
    );
  },
};

function scopesOf(
  { id, platforms, cpes }: OvalDefinition,
  problem: FeedContext['problem'],
): readonly Scope[] {
  if (cpes.length > 0 && cpes.every(isKsplice)) return [];
  const scopes = new Set<Scope>();
  for (const platform of platforms) {
    const major = /^Oracle Linux (\d{1,3})$/.exec(platform)?.[1];
    const scope = major === undefined ? undefined : RELEASES.get(major);
    if (scope !== undefined) scopes.add(scope);
    else if (Number(major) > NEWEST) problem({ where: id, reason: `${platform} is not known yet` });
  }
  return [...scopes];
}

/** Patches of programs while they run, with versions of their own: `cpe:/a:oracle:linux:8::userspace_ksplice`. */
function isKsplice(cpe: string): boolean {
  return cpe.startsWith('cpe:/') && cpe.slice('cpe:/'.length).split(':')[5] === 'userspace_ksplice';
}
