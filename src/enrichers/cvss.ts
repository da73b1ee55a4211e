/** CVSS vectors and scores from the NVD's yearly feeds. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Enricher, FeedContext } from '../ecosystems/contract.ts';
import { httpUrl, readFeedConfig } from '../formats/feed-config.ts';
import { gunzip } from '../formats/gunzip.ts';
import { jsonMembers } from '../formats/json-stream.ts';
import type { Enrichment } from '../model/advisory.ts';

const NAME = 'clair.cvss';
const SCHEMA = 'https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema';
const FIRST_YEAR = 2002; // the NVD puts what is older there

const Config = z.object({ feed_root: httpUrl.default('https://nvd.nist.gov/feeds/json/cve/2.0/') });

const Metrics = z.array(z.object({ type: z.string(), cvssData: z.record(z.string(), z.unknown()) }));
const Entry = z.object({
  cve: z.object({
    id: z.string().min(1).max(100),
    vulnStatus: z.string().optional(),
    metrics: z.object({ cvssMetricV31: Metrics.optional(), cvssMetricV30: Metrics.optional() }).optional(),
  }),
});

/** A year's file and the checksum of its content, as its `.meta` says. */
interface YearFile {
  readonly url: string;
  readonly sha256: string;
}

/** `clair.cvss`: the NVD's own CVSS 3 metric of each CVE, as it stands in the feed. */
export const cvss: Enricher = {
  name: NAME,
  type: `message/vnd.clair.map.vulnerability; enricher=${NAME} schema=${SCHEMA}`,
  async fetch(fingerprint, config, context) {
    const root = readFeedConfig(NAME, Config, config).feed_root;
    const files = await yearFiles(root.endsWith('/') ? root : `${root}/`, context);
    const checksums = JSON.stringify(Object.fromEntries([...files].map(([year, { sha256 }]) => [year, sha256])));
    if (checksums === fingerprint) return 'unchanged';
    // All years again, though one changed: what is handed over must be everything there is.
    return { fingerprint: checksums, records: records(files, context) };
  },
};
