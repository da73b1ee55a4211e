/** KEV: the CVEs that CISA knows to be exploited. */

import { z } from 'zod';
import type { Enricher } from '../../contract/enricher.ts';
import type { FeedContext } from '../../contract/feed.ts';
import { AppError } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import type { Enrichment } from '../../model/advisory.ts';

const NAME = 'clair.kev';
const DEFAULT_URL = 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json';

/** The catalogue has 1.5 MiB, a tenth more each year. */
const LIMIT = 64 * 1024 * 1024;

// clair-quirk: the same URL is `feed_root` in JSON and `feed` in YAML.
const Config = z.object({ feed_root: httpUrl.optional(), feed: httpUrl.optional() });

const Catalog = z.object({ catalogVersion: z.string(), vulnerabilities: z.array(z.unknown()) });
const Entry = z.object({
  cveID: z.string().regex(/^CVE-\d{4}-\d{4,}$/i),
  vulnerabilityName: z.string().default(''),
  dateAdded: z.string().default(''),
  shortDescription: z.string().default(''),
  requiredAction: z.string().default(''),
  dueDate: z.string().default(''),
  knownRansomwareCampaignUse: z.string().default(''),
});

/** `clair.kev`: one record for each exploited CVE. */
export const kev: Enricher = {
  name: NAME,
  type: `message/vnd.clair.map.vulnerability; enricher=${NAME} schema=none`,
  facts: ({ length }) => ({ exploited: length > 0 }),
  async fetch(fingerprint, config, context) {
    const { feed_root, feed } = readFeedConfig(NAME, Config, config);
    const url = feed_root ?? feed ?? DEFAULT_URL;
    const news = await fetchNews(context, { url, fingerprint, by: 'last-modified' });
    if (news === 'unchanged') return news;
    const catalog = Catalog.safeParse(parse(await news.response.text(LIMIT)));
    if (!catalog.success) throw new AppError('feed', `${url} is not a KEV catalog`);
    return { fingerprint: news.fingerprint, records: exploited(catalog.data, context) };
  },
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* exploited(
  { catalogVersion, vulnerabilities }: z.infer<typeof Catalog>,
  context: FeedContext,
): AsyncGenerator<Enrichment, void, void> {
  for (const [index, value] of vulnerabilities.entries()) {
    const { success, data: entry, error } = Entry.safeParse(value);
    if (!success) {
      const { path, message } = error.issues[0]!;
      context.problem({ where: `vulnerabilities.${[index, ...path].join('.')}`, reason: message });
      continue;
    }
    yield {
      tag: entry.cveID.toUpperCase(),
      data: {
        cve: entry.cveID,
        vulnerability_name: entry.vulnerabilityName,
        catalog_version: catalogVersion,
        date_added: entry.dateAdded,
        short_description: entry.shortDescription,
        required_action: entry.requiredAction,
        due_date: entry.dueDate,
        known_ransomware_campaign_use: entry.knownRansomwareCampaignUse,
      },
    };
  }
}
