/** The feed `endoflife`: until when releases of distributions and programs are supported, as endoflife.date collects it. */
import { z } from 'zod';
import type { Enricher } from '../../contract/enricher.ts';
import type { FeedContext } from '../../contract/feed.ts';
import { AppError } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import type { Enrichment } from '../../model/advisory.ts';
import { PRODUCTS, releaseOf, releaseOfProgram } from './releases.ts';
import { type SupportRecord, supportOf, tagOf } from './supports.ts';

/** Its key in `updaters.sets` and `updaters.config`. */
const END_OF_LIFE = 'endoflife';

/** All products of API v1 in one document. */
const DEFAULT_URL = 'https://endoflife.date/api/v1/products/full';

/** It has 4 MiB. */
const LIMIT = 64 * 1024 * 1024;

const Config = z.object({ url: httpUrl.optional() });

const Document = z.object({ result: z.array(z.unknown()) });
const Product = z.object({ name: z.string(), releases: z.array(z.unknown()) });
const day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/)
  .nullish();
const Cycle = z.object({ name: z.string().regex(/^[\w.-]{1,40}$/), eolFrom: day, eoesFrom: day });

export const endOfLife: Enricher = {
  name: END_OF_LIFE,
  type: `message/vnd.clair.map.vulnerability; enricher=${END_OF_LIFE} schema=none`,
  lifecycles: { releaseOf, releaseOfProgram, tagOf, supportOf },
  async fetch(fingerprint, config, context) {
    const url = readFeedConfig(END_OF_LIFE, Config, config).url ?? DEFAULT_URL;
    const news = await fetchNews(context, { url, fingerprint, by: 'last-modified' });
    if (news === 'unchanged') return news;
    const document = Document.safeParse(parse(await news.response.text(LIMIT)));
    if (!document.success) throw new AppError('feed', `${url} is not a product list of endoflife.date`);
    return { fingerprint: news.fingerprint, records: supports(document.data.result, context) };
  },
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Releases without a date say nothing: an unknown end is no end. */
async function* supports(
  products: readonly unknown[],
  context: FeedContext,
): AsyncGenerator<Enrichment, void, void> {
  for (const [index, value] of products.entries()) {
    const product = Product.safeParse(value);
    if (!product.success) {
      context.problem({ where: `result.${index}`, reason: product.error.issues[0]!.message });
      continue;
    }
    const { name, releases } = product.data;
    if (!PRODUCTS.has(name)) continue;
    for (const [position, release] of releases.entries()) {
      const cycle = Cycle.safeParse(release);
      if (!cycle.success) {
        const { path, message } = cycle.error.issues[0]!;
        context.problem({ where: `${name}.releases.${[position, ...path].join('.')}`, reason: message });
        continue;
      }
      const { name: of, eolFrom, eoesFrom } = cycle.data;
      if (!eolFrom) continue;
      const data: SupportRecord = { until: eolFrom, ...(eoesFrom && { extended: eoesFrom }) };
      yield { tag: tagOf({ product: name, cycle: of }), data };
    }
  }
}
