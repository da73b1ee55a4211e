/** The advisories of the repositories of Amazon Linux beside the core ones: topics of `amazon-linux-extras`, live patches. */
import { z } from 'zod';
import type { Feed, FeedSet } from '../../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { inFolder } from '../../../feeds/in-folder.ts';
import { amazonBeside, EXTRA_TOPICS, isOfSeries } from '../scopes/amazon-repositories.ts';
import { amazonFeed } from './aws-feed.ts';

const SetConfig = z.object({
  /** Where the folders of all topics are. */
  url: httpUrl.default('https://cdn.amazonlinux.com/2/extras/'),
  /** Stands for scheme and host of every mirror in the lists. */
  mirror_url: httpUrl.optional(),
});

const LIVEPATCH_2023 =
  'https://cdn.amazonlinux.com/al2023/kernel-livepatch/mirrors/latest/x86_64/mirror.list';

/** The updater set `aws-extras`: a feed for each topic of Amazon Linux 2, and for the live patches of each release. */
export const awsExtrasFeeds: FeedSet = {
  set: 'aws-extras',
  async feeds(config) {
    const { url, mirror_url: mirrorUrl } = readFeedConfig('aws-extras', SetConfig, config);
    const listOf = (topic: string) => inFolder(url, `${topic}/latest/x86_64/mirror.list`);
    const topics = [...EXTRA_TOPICS].map(
      ([topic, series]): Feed =>
        amazonFeed({
          feed: `aws-AL2-extras-${topic}-updater`,
          scope: amazonBeside('2', `extras-${topic}`),
          mirrors: listOf(topic),
          mirrorUrl,
          firstOf: (fixed) => firstOfSeries(fixed, series),
        }),
    );
    const livepatches = [
      ['2', listOf('livepatch')],
      ['2023', LIVEPATCH_2023],
    ].map(([version = '', mirrors = '']) =>
      amazonFeed({
        feed: `aws-AL${version}-livepatch-updater`,
        scope: amazonBeside(version, 'livepatch'),
        mirrors,
        mirrorUrl,
      }),
    );
    return [...topics, ...livepatches];
  },
};

/** Another topic has what is older than the series of this one, with fixes of its own. */
function firstOfSeries(fixed: string, series: string): string | undefined {
  if (series === '' || !isOfSeries(fixed, series)) return undefined;
  return `${/^\d+:/.exec(fixed)?.[0] ?? ''}${series}`;
}
