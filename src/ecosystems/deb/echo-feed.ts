/** The advisories of Echo: one JSON document, source package -> vulnerability -> the version that fixes it. */
import { z } from 'zod';
import type { FeedSet, Piece } from '../../contract/feed.ts';
import { AppError } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import { inPieces } from '../../feeds/in-pieces.ts';
import { keepBody } from '../../feeds/keep-body.ts';
import { type JsonMember, jsonMembers } from '../../formats/json/stream.ts';
import { openSpooled } from '../../lib/spooled-file.ts';
import type { Advisory } from '../../model/advisory.ts';
import { parseSeverity } from '../../model/severity.ts';
import { echoRelease, scopeOf } from './releases.ts';
import { dpkgVersions } from './version.ts';

const NAME = 'echo-updater';

const SetConfig = z.object({ url: httpUrl.default('https://advisory.echohq.com/data.json') });
const FeedConfig = z.object({ url: httpUrl.optional() });

const Issues = z.record(z.string(), z.unknown());
const Issue = z.object({ severity: z.string().nullish(), fixed_version: z.string().nullish() });

/** An index of the database takes no longer names. */
const MAX_NAME = 1000;

/** The updater set `echo`: one feed, as Echo has no releases. */
export const echoFeeds: FeedSet = {
  set: 'echo',
  async feeds(ofSet) {
    const { url: base } = readFeedConfig('echo', SetConfig, ofSet);
    const scope = scopeOf(echoRelease());
    return [
      {
        name: NAME,
        scopes: [scope],
        versions: dpkgVersions,
        async fetch(fingerprint, config, context) {
          const { url = base } = readFeedConfig(NAME, FeedConfig, config);
          const news = await fetchNews(context, { url, fingerprint, by: 'etag' });
          if (news === 'unchanged') return news;
          const path = await keepBody(news.response, NAME, context);
          return inPieces(news.fingerprint, packagesOf(openSpooled(path), scope.key), context);
        },
      },
    ];
  },
};

async function* packagesOf(
  document: AsyncIterable<Uint8Array>,
  scope: string,
): AsyncGenerator<Piece<Advisory>> {
  for await (const member of jsonMembers(document, [])) {
    const { key, bytes } = member;
    if (typeof key !== 'string') throw new AppError('feed', `${NAME}: the document is no object of packages`);
    yield {
      content: `${JSON.stringify(key)}${bytes?.toString() ?? ''}`,
      *read(problem) {
        const tell = (id: string, reason: string) => problem({ where: `${key} ${id}`.trim(), reason });
        yield* advisoriesOf(key, member, scope, tell);
      },
    };
  }
}

function* advisoriesOf(
  name: string,
  member: JsonMember,
  scope: string,
  tell: (id: string, reason: string) => void,
): Generator<Advisory> {
  const issues = Issues.safeParse(member.value);
  if (!issues.success || name === '' || name.length > MAX_NAME)
    return tell('', 'not an object of vulnerabilities');
  for (const [id, value] of Object.entries(issues.data)) {
    const issue = Issue.safeParse(value);
    if (!issue.success || id === '' || id.length > MAX_NAME) {
      tell(id.slice(0, MAX_NAME), 'its severity or fixed_version is no text');
      continue;
    }
    const { severity, fixed_version } = issue.data;
    const fixed = fixed_version?.trim() ?? '';
    if (fixed === '0') continue; // as Debian writes it: never affected
    yield {
      scope,
      name,
      kind: 'source',
      ...(fixed === '' ? {} : { below: fixed }), // none: there is no fix
      fixedInVersion: fixed,
      vulnerability: {
        name: id,
        description: '',
        links: `https://advisory.echohq.com/cve/${encodeURIComponent(id)}`,
        severity: severity ?? '',
        normalizedSeverity: parseSeverity(severity ?? '') ?? 'Unknown',
      },
    };
  }
}
