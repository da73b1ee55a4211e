/** The advisories of Bottlerocket: one file of updates for all of its releases. */
import { z } from 'zod';
import type { FeedSet } from '../../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { fetchNews } from '../../../feeds/fetch-news.ts';
import { keepBody } from '../../../feeds/keep-body.ts';
import { numberedRelease, scopeKeyOf } from '../scopes/releases.ts';
import { rpmVersions } from '../scopes/version.ts';
import type { UpdateRules } from './update-rules.ts';
import { readUpdates } from './updates.ts';

const NAME = 'bottlerocket-updater';

const SetConfig = z.object({ url: httpUrl.default('https://advisories.bottlerocket.aws/updateinfo.xml.gz') });
const FeedConfig = z.object({ url: httpUrl.optional() });

/** The updater set `bottlerocket`: one feed. */
export const bottlerocketFeeds: FeedSet = {
  set: 'bottlerocket',
  async feeds(ofSet) {
    const { url: usual } = readFeedConfig('bottlerocket', SetConfig, ofSet);
    const distribution = numberedRelease('bottlerocket', 'Bottlerocket', '');
    const scope = { key: scopeKeyOf(distribution)!, distribution };
    const rules: UpdateRules = {
      feed: NAME,
      scope: scope.key,
      severities: new Map([
        ['low', 'Low'],
        ['medium', 'Medium'],
        ['moderate', 'Medium'],
        ['important', 'High'],
        ['high', 'High'],
        ['critical', 'Critical'],
      ]),
      isMixed: true,
      listsBuilds: true,
      dated: true,
    };
    return [
      {
        name: NAME,
        scopes: [scope],
        versions: rpmVersions,
        async fetch(fingerprint, config, context) {
          const { url = usual } = readFeedConfig(NAME, FeedConfig, config);
          const news = await fetchNews(context, { url, fingerprint, by: 'etag' });
          if (news === 'unchanged') return news;
          const path = await keepBody(news.response, NAME, context);
          return { fingerprint: news.fingerprint, records: readUpdates(path, rules, context) };
        },
      },
    ];
  },
};
