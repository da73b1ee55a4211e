/** The advisories of Amazon Linux: in the package repository of each release, found by its list of mirrors. */
import { z } from 'zod';
import type { Feed, FeedSet, Fetched } from '../../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import type { Advisory, Scope } from '../../../model/advisory.ts';
import type { Severity } from '../../../model/severity.ts';
import { amazonRelease, scopeKeyOf } from '../scopes/releases.ts';
import { rpmVersions } from '../scopes/version.ts';
import { firstOf, listMirrors } from './mirrors.ts';
import type { UpdateRules } from './update-rules.ts';
import { fetchUpdateInfo } from './updateinfo.ts';
import { readUpdates } from './updates.ts';

/** One repository of Amazon Linux. */
export interface AmazonRepository extends Pick<UpdateRules, 'firstOf'> {
  readonly feed: string;
  readonly scope: Scope;
  /** Its list of mirrors; those of other architectures have the same advisories. */
  readonly mirrors: string;
  /** Stands for scheme and host of every mirror, unless the feed's own configuration has another. */
  readonly mirrorUrl?: string | undefined;
}

const RELEASES: readonly (readonly [feed: string, version: string, mirrors: string])[] = [
  ['aws-AL1-updater', '2018.03', 'http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list'],
  ['aws-AL2-updater', '2', 'https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list'],
  ['aws-AL2023-updater', '2023', 'https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list'],
];

// differs: in any case of letters (clair-matching.md#amazon-linux)
const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['low', 'Low'],
  ['medium', 'Medium'],
  ['important', 'High'],
  ['critical', 'Critical'],
]);

/** The updater set `aws`: a feed for each release. */
export const awsFeeds: FeedSet = {
  set: 'aws',
  feeds: async () =>
    RELEASES.map(([feed, version, mirrors]) => {
      const distribution = amazonRelease(version);
      return amazonFeed({ feed, scope: { key: scopeKeyOf(distribution)!, distribution }, mirrors });
    }),
};

/** The feed of a repository. */
export function amazonFeed({ feed: name, scope, mirrors, mirrorUrl, ...rest }: AmazonRepository): Feed {
  const FeedConfig = z.object({
    /** Another list of mirrors: a URL in a line each, also relative to the list. */
    url: httpUrl.default(mirrors),
    /** Stands for scheme and host of every mirror in the list: where a copy of these hosts is. */
    mirror_url: httpUrl.optional(),
  });
  const rules: UpdateRules = { feed: name, scope: scope.key, severities: SEVERITIES, ...rest };
  return {
    name,
    scopes: [scope],
    versions: rpmVersions,
    // differs: where the list and its mirrors are can be configured (clair-matching.md#amazon-linux)
    async fetch(fingerprint, config, context): Promise<Fetched<Advisory> | 'unchanged'> {
      const { url, mirror_url = mirrorUrl } = readFeedConfig(name, FeedConfig, config);
      const places = await listMirrors(url, mirror_url, context);
      const found = await firstOf(places, `no mirror in ${url}`, context, (mirror) =>
        fetchUpdateInfo(mirror, fingerprint, context),
      );
      if (found === 'unchanged') return found;
      return { fingerprint: found.checksum, records: readUpdates(found.path, rules, context) };
    },
  };
}
