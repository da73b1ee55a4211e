/** CVSS vectors and scores from the NVD's yearly feeds. */
import { z } from 'zod';
import type { Enricher, FeedContext, HttpResponse } from '../ecosystems/contract.ts';
import { AppError } from '../errors.ts';
import { httpUrl, readFeedConfig } from '../formats/feed-config.ts';
import { gunzip } from '../formats/gunzip.ts';
import { jsonMembers } from '../formats/json-stream.ts';
import type { Enrichment } from '../model/advisory.ts';

const NAME = 'clair.cvss';
const SCHEMA = 'https://csrc.nist.gov/schema/nvd/api/2.0/cve_api_json_2.0.schema';
const FIRST_YEAR = 2002; // the NVD puts what is older there
const META_LIMIT = 64 * 1024;

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
  readonly year: number;
  readonly url: string;
  readonly sha256: string;
}

/** `clair.cvss`: the NVD's own CVSS 3 metric of each CVE, as it stands in the feed. */
// differs: the status of answers is checked, and there is no blank record at the end (matching.md §4)
export const cvss: Enricher = {
  name: NAME,
  type: `message/vnd.clair.map.vulnerability; enricher=${NAME} schema=${SCHEMA}`,
  async fetch(fingerprint, config, context) {
    const root = readFeedConfig(NAME, Config, config).feed_root;
    const announced = await announcedFiles(root.endsWith('/') ? root : `${root}/`, context);
    if (fingerprintOf(announced) === fingerprint) return 'unchanged';
    const files = await existing(announced, context);
    if (fingerprintOf(files) === fingerprint) return 'unchanged';
    // All years again, even if one has changed: what is handed over is everything there is.
    return { fingerprint: fingerprintOf(files), records: records(files, context) };
  },
};

/** clair-quirk: the form of Clair's fingerprint, so that an imported one is understood. */
function fingerprintOf(files: readonly YearFile[]): string {
  return JSON.stringify(Object.fromEntries(files.map(({ year, sha256 }) => [year, sha256])));
}

/** What the `.meta` files say. In January that of the new year may not be there yet. */
async function announcedFiles(root: string, context: FeedContext): Promise<YearFile[]> {
  const files: YearFile[] = [];
  for (let year = FIRST_YEAR; year <= context.now().getUTCFullYear(); year++) {
    const url = `${root}nvdcve-2.0-${year}.meta`;
    const response = await context.request(url);
    if (isMissing(response, url, context)) {
      await response.discard();
      continue;
    }
    const sha256 = /^sha256:\s*([0-9a-f]{64})\s*$/im
      .exec(await response.text(META_LIMIT))?.[1]
      ?.toUpperCase();
    if (sha256 === undefined) throw new AppError('feed', `${url} has no sha256`);
    files.push({ year, url: `${root}nvdcve-2.0-${year}.json.gz`, sha256 });
  }
  if (files.length === 0)
    throw new AppError('feed', `${root} has no nvdcve-2.0-<year>.meta: check ${NAME}.feed_root`);
  return files;
}

async function existing(files: readonly YearFile[], context: FeedContext): Promise<YearFile[]> {
  const there: YearFile[] = [];
  for (const file of files) {
    const response = await context.request(file.url, { method: 'HEAD' });
    await response.discard();
    if (!isMissing(response, file.url, context)) there.push(file);
  }
  return there;
}

/** A missing year is a problem; any other failure ends the update, since going on would drop what is known of a year. */
function isMissing(response: HttpResponse, url: string, context: FeedContext): boolean {
  if (response.status === 200) return false;
  if (response.status !== 404) throw new AppError('feed', `${url} answered with status ${response.status}`);
  context.problem({
    where: url,
    reason: 'answered with status 404: the CVEs of this year have no CVSS data',
  });
  return true;
}

async function* records(
  files: readonly YearFile[],
  context: FeedContext,
): AsyncGenerator<Enrichment, void, void> {
  for (const { url } of files) {
    const response = await context.request(url);
    if (response.status !== 200) {
      await response.discard();
      throw new AppError('feed', `${url} answered with status ${response.status}`);
    }
    for await (const { key, value } of jsonMembers(gunzip(response.body, url), ['vulnerabilities'])) {
      const entry = Entry.safeParse(value);
      if (entry.success) {
        const { id, vulnStatus, metrics } = entry.data.cve;
        const metric = [...(metrics?.cvssMetricV31 ?? []), ...(metrics?.cvssMetricV30 ?? [])].find(isPrimary);
        if (metric !== undefined && vulnStatus !== 'Rejected') {
          yield { tag: id.toUpperCase(), data: metric.cvssData };
        }
      } else {
        const { path, message } = entry.error.issues[0]!;
        context.problem({ where: `${url}: vulnerabilities.${[key, ...path].join('.')}`, reason: message });
      }
    }
  }
}

/** The NVD's own assessment; secondary ones are of whoever assigned the CVE. */
function isPrimary({ type }: { type: string }): boolean {
  return type === 'Primary';
}
