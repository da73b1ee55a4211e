/** The advisories of Oracle Linux: an OVAL file for each year. */
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet } from '../../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { inFolder } from '../../../feeds/in-folder.ts';
import type { OvalDefinition, OvalMatch } from '../../../formats/oval/oval.ts';
import type { Scope } from '../../../model/advisory.ts';
import type { Severity } from '../../../model/severity.ts';
import { type OracleBuild, oracleBuildOf, oracleScope } from '../scopes/scopes.ts';
import { rpmOvalFeed } from './rpm-oval.ts';

const FIRST_YEAR = 2007;

// differs: advisories from Oracle Linux 10 are read too (clair-indexing.md#unknown-distributions)
const RELEASES: ReadonlyMap<string, Scope> = new Map(
  ['5', '6', '7', '8', '9', '10'].map((major) => [major, oracleScope(major)]),
);
const BUILDS: readonly OracleBuild[] = ['fips', 'ksplice'];
const OF_BUILDS: ReadonlyMap<string, Scope> = new Map(
  [...RELEASES].flatMap(([major, { key }]) =>
    BUILDS.map((build): [string, Scope] => [`${key} ${build}`, oracleScope(major, build)]),
  ),
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
          scopes: [...RELEASES.values(), ...OF_BUILDS.values()],
          scopesOfMatch: ofBuild,
          severities: SEVERITIES,
          scopesOf,
          dated: true,
          mayNotExistYet: year === now,
        }),
    );
  },
};

function scopesOf({ id, platforms }: OvalDefinition, problem: FeedContext['problem']): readonly Scope[] {
  const scopes = new Set<Scope>();
  for (const platform of platforms) {
    const major = /^Oracle Linux (\d{1,3})$/.exec(platform)?.[1];
    const scope = major === undefined ? undefined : RELEASES.get(major);
    if (scope !== undefined) scopes.add(scope);
    else if (Number(major) > NEWEST) problem({ where: id, reason: `${platform} is not known yet` });
  }
  return [...scopes];
}

/**
 * Ksplice's patches of programs while they run, and builds validated for FIPS, come from channels of their own with epochs
 * above all others': an advisory whose fix is such a build is about such builds alone.
 */
// differs: it holds for those, which Clair leaves out or takes for any (clair-matching.md#oval)
function ofBuild({ evr }: OvalMatch, scopes: readonly Scope[], { cpes }: OvalDefinition): readonly Scope[] {
  const build = oracleBuildOf(evr?.text ?? '') ?? buildOf(cpes);
  if (build === undefined) return scopes;
  return scopes.flatMap(({ key }) => OF_BUILDS.get(`${key} ${build}`) ?? []);
}

const CHANNELS: ReadonlyMap<string, OracleBuild> = new Map([
  ['userspace_ksplice', 'ksplice'],
  ['security_validation', 'fips'],
]);

/** That of all channels that an advisory is for: `cpe:/a:oracle:linux:8::userspace_ksplice`. */
function buildOf(cpes: readonly string[]): OracleBuild | undefined {
  const builds = new Set(cpes.map((cpe) => CHANNELS.get(cpe.split(':')[6] ?? '')));
  return builds.size === 1 ? [...builds][0] : undefined;
}
