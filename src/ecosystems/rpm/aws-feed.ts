/** The advisories of Amazon Linux: in the package repository of each release, found by its list of mirrors. */
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet, Fetched } from '../../contract/feed.ts';
import { AppError, messageOf } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import type { Advisory } from '../../model/advisory.ts';
import { readUpdates } from './aws-updates.ts';
import { amazonRelease, scopeKeyOf } from './releases.ts';
import { fetchUpdateInfo } from './updateinfo.ts';
import { rpmVersions } from './version.ts';

interface Release {
  readonly feed: string;
  readonly version: string;
  /** Its list of mirrors; those of other architectures have the same advisories. */
  readonly mirrors: string;
}

const RELEASES: readonly Release[] = [
  {
    feed: 'aws-AL1-updater',
    version: '2018.03',
    mirrors: 'http://repo.us-west-2.amazonaws.com/2018.03/updates/x86_64/mirror.list',
  },
  {
    feed: 'aws-AL2-updater',
    version: '2',
    mirrors: 'https://cdn.amazonlinux.com/2/core/latest/x86_64/mirror.list',
  },
  {
    feed: 'aws-AL2023-updater',
    version: '2023',
    mirrors: 'https://cdn.amazonlinux.com/al2023/core/mirrors/latest/x86_64/mirror.list',
  },
];

/** More mirrors than that are not tried. */
const MAX_MIRRORS = 32;

/** The updater set `aws`: a feed for each release. */
export const awsFeeds: FeedSet = {
  set: 'aws',
  feeds: async () => RELEASES.map(awsFeed),
};

function awsFeed({ feed: name, version, mirrors }: Release): Feed {
  const distribution = amazonRelease(version);
  const scope = { key: scopeKeyOf(distribution)!, distribution };
  const FeedConfig = z.object({
    /** Another list of mirrors: a URL in a line each, also relative to the list. */
    url: httpUrl.default(mirrors),
    /** Stands for scheme and host of every mirror in the list: where a copy of these hosts is. */
    mirror_url: httpUrl.optional(),
  });
  return {
    name,
    scopes: [scope],
    versions: rpmVersions,
    // differs: where the list and its mirrors are can be configured (clair-matching.md#amazon-linux)
    async fetch(fingerprint, config, context): Promise<Fetched<Advisory> | 'unchanged'> {
      const { url, mirror_url } = readFeedConfig(name, FeedConfig, config);
      const found = await firstOf(await listMirrors(url, mirror_url, context), url, context, (mirror) =>
        fetchUpdateInfo(mirror, fingerprint, context),
      );
      if (found === 'unchanged') return found;
      return { fingerprint: found.checksum, records: readUpdates(found.path, name, scope.key, context) };
    },
  };
}

async function listMirrors(
  url: string,
  base: string | undefined,
  context: FeedContext,
): Promise<readonly string[]> {
  const response = await context.request(url);
  if (response.status !== 200) {
    await response.discard();
    throw new AppError('feed', `the list of mirrors ${url} answered with status ${response.status}`);
  }
  const lines = (await response.text()).split(/\r?\n/).map((line) => line.trim());
  const mirrors = lines.flatMap((line) => {
    if (line === '' || line.startsWith('#') || !URL.canParse(line, url)) return [];
    const { protocol, pathname, href } = new URL(line, url);
    if (protocol !== 'http:' && protocol !== 'https:') return [];
    return base === undefined ? [href] : [`${base.replace(/\/+$/, '')}${pathname}`];
  });
  if (mirrors.length === 0) throw new AppError('feed', `the list of mirrors ${url} names none`);
  return mirrors.slice(0, MAX_MIRRORS);
}

/** What the first mirror in order that has it gives. */
async function firstOf<T>(
  mirrors: readonly string[],
  list: string,
  context: FeedContext,
  ask: (mirror: string) => Promise<T>,
): Promise<T> {
  const reasons: string[] = [];
  for (const mirror of mirrors) {
    try {
      return await ask(mirror);
    } catch (error) {
      context.signal.throwIfAborted();
      reasons.push(messageOf(error));
    }
  }
  throw new AppError('feed', `no mirror in ${list} could be read: ${reasons.join('; ')}`);
}
