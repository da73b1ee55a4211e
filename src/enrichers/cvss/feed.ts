/** CVSS vectors and scores from the NVD's yearly feeds. */
import { z } from 'zod';
import type { Enricher } from '../../contract/enricher.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchYears, NVD_ROOT, type YearlyNews } from '../../formats/nvd/yearly-files.ts';
import type { Enrichment } from '../../model/advisory.ts';
import { nvdFacts } from './facts.ts';

const NAME = 'clair.cvss';
const SCHEMA = 'https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema';

const Config = z.object({ feed_root: httpUrl.default(NVD_ROOT) });

const Metrics = z.array(z.object({ type: z.string(), cvssData: z.record(z.string(), z.unknown()) }));
const Entry = z.object({
  cve: z.object({
    id: z.string().min(1).max(100),
    vulnStatus: z.string().optional(),
    metrics: z.object({ cvssMetricV31: Metrics.optional(), cvssMetricV30: Metrics.optional() }).optional(),
  }),
});

/** `clair.cvss`: the NVD's own CVSS 3 metric of each CVE, as it stands in the feed. */
// differs: the status of answers is checked, and there is no blank record at the end (clair-matching.md#enrichers)
export const cvss: Enricher = {
  name: NAME,
  type: `message/vnd.clair.map.vulnerability; enricher=${NAME} schema=${SCHEMA}`,
  facts: nvdFacts,
  async fetch(fingerprint, config, context) {
    const root = readFeedConfig(NAME, Config, config).feed_root;
    const options = { root, fingerprint, rootKey: `${NAME}.feed_root`, loss: 'have no CVSS data' };
    const news = await fetchYears(options, context);
    if (news === 'unchanged') return news;
    return {
      get fingerprint() {
        return news.fingerprint;
      },
      records: records(news),
      ...(news.prefixes && { prefixes: news.prefixes }),
    };
  },
};

async function* records(news: YearlyNews): AsyncGenerator<Enrichment, void, void> {
  for await (const { value, prefixes, problem } of news.members()) {
    const entry = Entry.safeParse(value);
    if (!entry.success) {
      const { path, message } = entry.error.issues[0]!;
      problem(path, message);
      continue;
    }
    const { vulnStatus, metrics } = entry.data.cve;
    const tag = entry.data.cve.id.toUpperCase();
    if (!prefixes.some((prefix) => tag.startsWith(prefix))) {
      // differs: it would stay or go with a file that says nothing of it (clair-matching.md#enrichers)
      problem(['cve', 'id'], `${tag} has no place in the file of its year`);
      continue;
    }
    const metric = [...(metrics?.cvssMetricV31 ?? []), ...(metrics?.cvssMetricV30 ?? [])].find(isPrimary);
    if (metric !== undefined && vulnStatus !== 'Rejected') yield { tag, data: metric.cvssData };
  }
}

/** The NVD's own assessment; secondary ones are of whoever assigned the CVE. */
function isPrimary({ type }: { type: string }): boolean {
  return type === 'Primary';
}
