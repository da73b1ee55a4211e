/** What the NVD says of programs that no other database has: a closed list of products, out of its yearly files. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet } from '../../../contract/feed.ts';
import { messageOf } from '../../../errors.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { fetchYears, NVD_ROOT, type YearlyNews } from '../../../formats/nvd/yearly-files.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { NVD, NVD_SCOPE } from '../lookups.ts';
import { PRODUCTS } from '../products.ts';
import { programVersions } from '../version.ts';
import { OVERRIDES_URL, overridesFeed } from './overrides.ts';
import { advisoriesOfNvd, MENTIONS } from './record.ts';

const SET = 'nvd';
const NAME = 'nvd/programs';

const Config = z.object({ feed_root: httpUrl.optional() });
const SetConfig = Config.extend({ overrides: z.boolean().default(true), overrides_url: httpUrl.optional() });

/** Raised when the same records give other advisories. */
const REVISION = '1';

/** With another list of products everything is read anew. */
const READER = createHash('sha256')
  .update(JSON.stringify([REVISION, [...PRODUCTS]]))
  .digest('hex')
  .slice(0, 16);

/** An id stands at the beginning of a record. */
const HEAD = 256;
const ID = /"id"\s*:\s*"(CVE-\d{4}-\d{4,})"/;

/**
 * The set `nvd` has the feeds `nvd/programs` and `nvd/overrides`. `updaters.config.nvd` names where both are; a mirror of the first is no
 * mirror of the second, which is omitted unless it is named, too.
 */
export const nvdFeeds: Pick<FeedSet, 'feeds'> = {
  async feeds(config) {
    const { feed_root, overrides, overrides_url } = readFeedConfig(SET, SetConfig, config);
    const corrections = overrides_url ?? (feed_root === undefined ? OVERRIDES_URL : undefined);
    return [
      nvdFeed(feed_root ?? NVD_ROOT),
      ...(overrides && corrections !== undefined ? [overridesFeed(corrections)] : []),
    ];
  },
};

function nvdFeed(base: string): Feed {
  return {
    name: NAME,
    scopes: [{ key: NVD_SCOPE, repository: NVD }],
    versions: programVersions,
    async fetch(fingerprint, config, context) {
      const root = readFeedConfig(NAME, Config, config).feed_root ?? base;
      const [reader = '', years = ''] = splitAt(fingerprint, ' ');
      const known = reader === READER ? years : '';
      const options = { root, fingerprint: known, rootKey: `${SET}.feed_root`, loss: 'are not looked up' };
      const news = await fetchYears(options, context);
      if (news === 'unchanged') return news;
      const names = new Set<string>();
      return {
        get fingerprint() {
          return `${READER} ${news.fingerprint}`;
        },
        records: records(news, names, context),
        ...(news.prefixes !== undefined && { partial: { names } }),
      };
    },
  };
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Most records are about nothing of the table: they are not parsed. What cannot be read stays as it was. */
async function* records(
  news: YearlyNews,
  names: Set<string>,
  context: FeedContext,
): AsyncGenerator<Advisory, void, void> {
  for await (const member of news.members()) {
    context.signal.throwIfAborted();
    const { bytes, problem } = member;
    if (bytes === undefined) {
      problem([], 'longer than 64 MiB');
      continue;
    }
    const id = ID.exec(bytes.toString('latin1', 0, HEAD))?.[1];
    if (!MENTIONS.test(bytes.toString('latin1'))) {
      if (id !== undefined) names.add(id);
      continue;
    }
    try {
      for (const advisory of advisoriesOfNvd(member.value, (reason) => problem(['cve'], reason))) {
        names.add(advisory.vulnerability.name);
        yield advisory;
      }
      if (id !== undefined) names.add(id);
    } catch (error) {
      problem(['cve'], messageOf(error));
    }
  }
}
