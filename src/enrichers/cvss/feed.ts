/** CVSS vectors and scores from the NVD's yearly feeds. */
import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';
import type { Enricher } from '../../contract/enricher.ts';
import type { FeedContext } from '../../contract/feed.ts';
import { AppError } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { jsonMembers } from '../../formats/json/stream.ts';
import { gunzip } from '../../lib/gunzip.ts';
import type { HttpResponse } from '../../lib/http-response.ts';
import { openSpooled } from '../../lib/spooled-file.ts';
import type { Enrichment } from '../../model/advisory.ts';
import { nvdFacts } from './facts.ts';

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

const Fingerprint = z.record(z.string().regex(/^\d{4}$/), z.string());

/** A year's file and the checksum of its content, as its `.meta` says. */
interface YearFile {
  readonly year: number;
  readonly url: string;
  readonly sha256: string;
}

/** `clair.cvss`: the NVD's own CVSS 3 metric of each CVE, as it stands in the feed. */
// differs: the status of answers is checked, and there is no blank record at the end (clair-matching.md#enrichers)
export const cvss: Enricher = {
  name: NAME,
  type: `message/vnd.clair.map.vulnerability; enricher=${NAME} schema=${SCHEMA}`,
  facts: nvdFacts,
  async fetch(fingerprint, config, context) {
    const root = readFeedConfig(NAME, Config, config).feed_root;
    const announced = await announcedFiles(root.endsWith('/') ? root : `${root}/`, context);
    const known = shaByYear(fingerprint);
    const isKnown = ({ year, sha256 }: YearFile): boolean => known.get(year) === sha256;
    const files = await existing(announced, isKnown, context);
    if (fingerprintOf(files) === fingerprint) return 'unchanged';
    const same = new Set(files.filter(isKnown).map(({ year }) => year));
    const unread = new Set<number>();
    return {
      // A year in which something could not be read is read again the next time.
      get fingerprint() {
        return fingerprintOf(files.filter(({ year }) => !unread.has(year)));
      },
      records: records(
        await keepFiles(
          files.filter(({ year }) => !same.has(year)),
          context,
        ),
        context,
        ({ year }) => unread.add(year),
      ),
      ...(same.size > 0 && {
        prefixes: yearsUntil(context.now())
          .filter((year) => !same.has(year))
          .flatMap(prefixesOf),
      }),
    };
  },
};

function yearsUntil(now: Date): number[] {
  return Array.from({ length: now.getUTCFullYear() - FIRST_YEAR + 1 }, (_, n) => FIRST_YEAR + n);
}

/** What the CVE ids of a year's file begin with. */
function prefixesOf(year: number): string[] {
  const own = `CVE-${year}-`;
  return year === FIRST_YEAR ? ['CVE-19', 'CVE-2000-', 'CVE-2001-', own] : [own];
}

/** clair-quirk: the form of Clair's fingerprint, so that an imported one is understood. */
function fingerprintOf(files: readonly YearFile[]): string {
  return JSON.stringify(Object.fromEntries(files.map(({ year, sha256 }) => [year, sha256])));
}

/** What a fingerprint says; nothing if it is none of ours. */
function shaByYear(fingerprint: string): Map<number, string> {
  try {
    const known = Fingerprint.parse(JSON.parse(fingerprint));
    return new Map(Object.entries(known).map(([year, sha256]) => [Number(year), sha256]));
  } catch {
    return new Map();
  }
}

/** What the `.meta` files say. In January that of the new year may not be there yet. */
async function announcedFiles(root: string, context: FeedContext): Promise<YearFile[]> {
  const files: YearFile[] = [];
  for (const year of yearsUntil(context.now())) {
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

/** Those whose `.meta` does not stand alone. Of one that was there with the same checksum nobody asks. */
async function existing(
  files: readonly YearFile[],
  isKnown: (file: YearFile) => boolean,
  context: FeedContext,
): Promise<YearFile[]> {
  const there: YearFile[] = [];
  for (const file of files) {
    if (isKnown(file)) {
      there.push(file);
      continue;
    }
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

interface KeptFile extends YearFile {
  /** Where it lies, packed. */
  readonly path: string;
}

async function keepFiles(files: readonly YearFile[], context: FeedContext): Promise<KeptFile[]> {
  const kept: KeptFile[] = [];
  for (const file of files) {
    const response = await context.request(file.url);
    if (response.status !== 200) {
      await response.discard();
      throw new AppError('feed', `${file.url} answered with status ${response.status}`);
    }
    kept.push({ ...file, path: await context.spool(response.body) });
  }
  return kept;
}

async function* records(
  files: readonly KeptFile[],
  context: FeedContext,
  unread: (file: YearFile) => void,
): AsyncGenerator<Enrichment, void, void> {
  for (const file of files) {
    const { url } = file;
    const prefixes = prefixesOf(file.year);
    const problem = (where: string, reason: string): void => {
      unread(file);
      context.problem({ where, reason });
    };
    const hash = createHash('sha256');
    const content = hashed(gunzip(openSpooled(file.path), url), hash);
    for await (const { key, value } of jsonMembers(content, ['vulnerabilities'])) {
      const entry = Entry.safeParse(value);
      if (!entry.success) {
        const { path, message } = entry.error.issues[0]!;
        problem(`${url}: vulnerabilities.${[key, ...path].join('.')}`, message);
        continue;
      }
      const { vulnStatus, metrics } = entry.data.cve;
      const tag = entry.data.cve.id.toUpperCase();
      if (!prefixes.some((prefix) => tag.startsWith(prefix))) {
        // differs: it would stay or go with a file that says nothing of it (clair-matching.md#enrichers)
        problem(`${url}: vulnerabilities.${key}.cve.id`, `${tag} has no place in the file of ${file.year}`);
        continue;
      }
      const metric = [...(metrics?.cvssMetricV31 ?? []), ...(metrics?.cvssMetricV30 ?? [])].find(isPrimary);
      if (metric !== undefined && vulnStatus !== 'Rejected') yield { tag, data: metric.cvssData };
    }
    if (hash.digest('hex').toUpperCase() !== file.sha256)
      problem(url, 'is another file than its .meta speaks of: it is read again the next time');
  }
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** The NVD's own assessment; secondary ones are of whoever assigned the CVE. */
function isPrimary({ type }: { type: string }): boolean {
  return type === 'Primary';
}
