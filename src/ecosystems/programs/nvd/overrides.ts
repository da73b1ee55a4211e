/** Ranges for CVEs that the NVD has not analyzed, or has analyzed wrongly: Anchore's nvd-data-overrides (CC0), one file per CVE in a tar archive. */
import { z } from 'zod';
import type { Feed, FeedContext, Piece } from '../../../contract/feed.ts';
import { AppError, messageOf } from '../../../errors.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { fetchNews } from '../../../feeds/fetch-news.ts';
import { inPieces } from '../../../feeds/in-pieces.ts';
import { keepBody } from '../../../feeds/keep-body.ts';
import { tarMembers } from '../../../formats/archives/tar-members.ts';
import { openSpooled } from '../../../lib/spooled-file.ts';
import type { Advisory } from '../../../model/advisory.ts';
import { NVD, NVD_SCOPE } from '../lookups.ts';
import { programVersions } from '../version.ts';
import { advisoriesOfNvd, MENTIONS } from './record.ts';

/** Where they are, unless configured. */
export const OVERRIDES_URL = 'https://github.com/anchore/nvd-data-overrides/archive/refs/heads/main.tar.gz';
/** The page of a file. */
const PAGE = 'https://github.com/anchore/nvd-data-overrides/blob/main/';

const NAME = 'nvd/overrides';
const Config = z.object({ url: httpUrl.optional() });

/** Bytes of one file; most have 2 kB. */
const MOST = 4 * 1024 * 1024;
const FILE = /(?:^|\/)(data\/\d{4}\/CVE-\d{4}-\d{4,}\.json)$/;

const strings = z.array(z.string()).catch([]);
const Override = z.object({
  _annotation: z.object({
    cve_id: z.string(),
    description: z.string().catch(''),
    published: z.string().optional().catch(undefined),
    reason: z.string().catch(''),
    references: strings,
  }),
  cve: z.object({
    configurations: z.array(z.unknown()),
    references: z.array(z.object({ url: z.string() })).catch([]),
  }),
});

/**
 * The feed `nvd/overrides`. It adds to what the NVD says and takes nothing away: a range of the NVD that an override narrows is still
 * reported, as the NVD has not withdrawn it.
 */
export function overridesFeed(base: string): Feed {
  return {
    name: NAME,
    scopes: [{ key: NVD_SCOPE, repository: NVD }],
    versions: programVersions,
    async fetch(fingerprint, config, context) {
      const { url = base } = readFeedConfig(NAME, Config, config);
      const news = await fetchNews(context, { url, fingerprint, by: 'etag' });
      if (news === 'unchanged') return news;
      const path = await keepBody(news.response, NAME, context);
      return inPieces(news.fingerprint, piecesOf(path, url, context), context);
    },
  };
}

async function* piecesOf(
  path: string,
  url: string,
  { problem }: Pick<FeedContext, 'problem'>,
): AsyncGenerator<Piece<Advisory>> {
  const tooBig = (where: string): void => problem({ where, reason: `longer than ${MOST} bytes` });
  let files = 0;
  for await (const { path: name, text: content } of tarMembers(openSpooled(path), (name) => FILE.test(name), {
    member: MOST,
    tooBig,
  })) {
    files++;
    // Most are about nothing of the table.
    if (!MENTIONS.test(content)) continue;
    const where = FILE.exec(name)![1]!;
    yield {
      content,
      *read(tell) {
        try {
          yield* advisoriesOfOverride(JSON.parse(content), where, (reason) => tell({ where, reason }));
        } catch (error) {
          tell({ where, reason: messageOf(error) });
        }
      },
    };
  }
  if (files === 0)
    throw new AppError('feed', `${url} has no overrides: check updaters.config.nvd.overrides_url`);
}

/** Returns the advisories in one file, each marked as an override. Throws if it is none. */
export function advisoriesOfOverride(
  json: unknown,
  path: string,
  problem: (reason: string) => void,
): Advisory[] {
  const read = Override.safeParse(json);
  if (!read.success) {
    const { path: at, message } = read.error.issues[0]!;
    throw new Error(`no override: ${at.join('.')}: ${message}`);
  }
  const { _annotation: about, cve } = read.data;
  const mark = `[Affected versions by nvd-data-overrides, not by the NVD${about.reason && `: ${about.reason}`}]`;
  const record = {
    id: about.cve_id,
    published: about.published,
    descriptions: [
      { lang: 'en', value: [about.description, mark].filter((text) => text !== '').join('\n\n') },
    ],
    references: [`${PAGE}${path}`, ...about.references, ...cve.references.map(({ url }) => url)].map(
      (url) => ({ url }),
    ),
    configurations: cve.configurations,
  };
  return advisoriesOfNvd({ cve: record }, problem);
}
