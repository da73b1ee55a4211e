/** EPSS: how likely a CVE is to be exploited in the next 30 days. */
import { z } from 'zod';
import type { Enricher } from '../../contract/enricher.ts';
import type { FeedContext } from '../../contract/feed.ts';
import { AppError } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import { keepBody } from '../../feeds/keep-body.ts';
import { openSpooled } from '../../lib/spooled-file.ts';
import type { Enrichment } from '../../model/advisory.ts';

const NAME = 'clair.epss';
const DAY = 24 * 60 * 60 * 1000;

/** Real lines have 50 characters. */
const MAX_LINE = 64 * 1024;

const Config = z.object({ url: httpUrl.optional() });

/** `clair.epss`: the scores of one day. */
// differs: a second fetch of the same file says that nothing changed (clair-matching.md#enrichers)
export const epss: Enricher = {
  name: NAME,
  type: `message/vnd.clair.map.vulnerability; enricher=${NAME} schema=none`,
  probabilities: ['epss', 'percentile'],
  facts: (records) => ({
    epss: Math.max(0, ...records.map(({ epss }) => Number(epss) || 0)),
    exploited: false,
  }),
  async fetch(fingerprint, config, context) {
    const [url = '', ...others] = addressesOf(readFeedConfig(NAME, Config, config).url, context.now());
    const news = await fetchNews(context, { url, others, fingerprint, by: 'etag' });
    if (news === 'unchanged') return news;
    const path = await keepBody(news.response, NAME, context);
    return { fingerprint: news.fingerprint, records: scores(openSpooled(path), url, context) };
  },
};

/** Where the scores are, and where they were before: Clair asks there. */
const HOSTS = ['epss.empiricalsecurity.com', 'epss.cyentia.com'];

/** The scores of a day are published in its course: yesterday's are there at any hour. */
function addressesOf(configured: string | undefined, now: Date): string[] {
  if (configured !== undefined) return [configured];
  const date = new Date(now.getTime() - DAY).toISOString().slice(0, 'yyyy-mm-dd'.length);
  return HOSTS.map((host) => `https://${host}/epss_scores-${date}.csv.gz`);
}

/** A comment with the model and the date, a header, then a line for each CVE; no value is ever quoted. */
async function* scores(
  chunks: AsyncIterable<Uint8Array>,
  url: string,
  context: FeedContext,
): AsyncGenerator<Enrichment, void, void> {
  let number = 0;
  let about: { modelVersion: string; date: string } | undefined;
  let columns: Columns | undefined;
  for await (const lines of linesOf(chunks, url)) {
    for (const line of lines) {
      number++;
      if (about === undefined) {
        about = aboutOf(line);
        if (about === undefined)
          throw new AppError('feed', `${url} does not begin with #model_version and score_date`);
      } else if (columns === undefined) {
        columns = columnsOf(line);
        if (columns === undefined)
          throw new AppError('feed', `${url} has no header with cve, epss and percentile`);
      } else if (line !== '') {
        const values = line.split(',');
        const cve = (values[columns.cve] ?? '').toUpperCase();
        const [epss, percentile] = [numberOf(values[columns.epss]), numberOf(values[columns.percentile])];
        if (/^CVE-\d{4}-\d{4,}$/.test(cve) && epss !== undefined && percentile !== undefined) {
          yield { tag: cve, data: { ...about, cve, epss, percentile } };
        } else {
          context.problem({
            where: `${url}: line ${number}`,
            reason: `expected a CVE ID with two numbers: ${line.slice(0, 100)}`,
          });
        }
      }
    }
  }
  if (columns === undefined) throw new AppError('feed', `${url} ends before its header`);
}

interface Columns {
  readonly cve: number;
  readonly epss: number;
  readonly percentile: number;
}

/** `#model_version:v2025.03.14,score_date:2025-06-15T12:55:00Z` */
function aboutOf(line: string): { modelVersion: string; date: string } | undefined {
  const modelVersion = /(?:^#|,)model_version:([^,]*)/.exec(line)?.[1];
  const date = /(?:^#|,)score_date:([^,]*)/.exec(line)?.[1];
  return modelVersion === undefined || date === undefined ? undefined : { modelVersion, date };
}

function columnsOf(line: string): Columns | undefined {
  const names = line.split(',');
  const columns = {
    cve: names.indexOf('cve'),
    epss: names.indexOf('epss'),
    percentile: names.indexOf('percentile'),
  };
  return Object.values(columns).includes(-1) ? undefined : columns;
}

/** A probability, and so the percentile. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return value <= 1 ? value : undefined;
}

/** Lines, as many at a time as a chunk has. */
async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  url: string,
): AsyncGenerator<readonly string[], void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE)
      throw new AppError('feed', `${url} has a line of over ${MAX_LINE} characters`);
    yield lines;
  }
  if (rest !== '') yield [rest.trim()];
}
