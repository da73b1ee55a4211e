/** The advisories of Debian's security tracker: one JSON document about all releases. */

import { z } from 'zod';
import type { Feed, FeedContext, FeedSet, Fetched, Piece } from '../../contract/feed.ts';
import { AppError, messageOf } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import { inPieces } from '../../feeds/in-pieces.ts';
import { keepBody } from '../../feeds/keep-body.ts';
import { type JsonMember, jsonMembers } from '../../formats/json/stream.ts';
import { openSpooled } from '../../lib/spooled-file.ts';
import type { Advisory } from '../../model/advisory.ts';
import type { Distribution } from '../../model/package.ts';
import type { Severity } from '../../model/severity.ts';
import { discoverDebianReleases } from './debian-releases.ts';
import { scopeOf } from './releases.ts';
import { dpkgVersions } from './version.ts';

const NAME = 'debian/updater';
const TRACKER = 'https://security-tracker.debian.org/tracker/';

const SetConfig = z.object({
  mirror_url: httpUrl.default('https://ftp.debian.org/'),
  json_url: httpUrl.default(`${TRACKER}data/json`),
});
const FeedConfig = z.object({ json_url: httpUrl.optional() });

/** The updater set `debian`: one feed for all releases that the mirror has. */
export const debianFeeds: FeedSet = {
  set: 'debian',
  async feeds(config: unknown, context: FeedContext): Promise<readonly Feed[]> {
    const { mirror_url, json_url } = readFeedConfig('debian', SetConfig, config);
    const releases = await discoverDebianReleases(mirror_url, context);
    return [debianFeed(json_url, releases)];
  },
};

function debianFeed(url: string, releases: ReadonlyMap<string, Distribution>): Feed {
  return {
    name: NAME,
    scopes: [...releases.values()].map(scopeOf),
    versions: dpkgVersions,
    fetch: (fingerprint, config, context) => {
      const { json_url = url } = readFeedConfig(NAME, FeedConfig, config);
      return fetchTracker(json_url, releases, fingerprint, context);
    },
  };
}

async function fetchTracker(
  url: string,
  releases: ReadonlyMap<string, Distribution>,
  fingerprint: string,
  context: FeedContext,
): Promise<Fetched<Advisory> | 'unchanged'> {
  const news = await fetchNews(context, { url, fingerprint, by: 'last-modified' });
  if (news === 'unchanged') return news;
  const path = await keepBody(news.response, NAME, context);
  const document = openSpooled(path, 256 * 1024);
  return inPieces(news.fingerprint, readTracker(document, releases, context), context);
}

const Issue = z.object({
  description: z.string().default(''),
  releases: z.record(
    z.string(),
    z.object({ fixed_version: z.string().optional(), urgency: z.string().default('') }),
  ),
});

/** The pieces of a tracker document: its issues, by source package -> issue -> release. */
export async function* readTracker(
  document: AsyncIterable<Uint8Array>,
  releases: ReadonlyMap<string, Distribution>,
  context: Pick<FeedContext, 'problem'>,
): AsyncGenerator<Piece<Advisory>> {
  const scopes = new Map([...releases].map(([codeName, release]) => [codeName, scopeOf(release).key]));
  for await (const { key: source, bytes } of jsonMembers(document, [])) {
    if (typeof source !== 'string')
      throw new AppError('feed', `${NAME}: the document is no object of source packages`);
    if (bytes === undefined || !/^\s*\{/.test(bytes.toString('latin1', 0, 100))) {
      context.problem({ where: source, reason: 'not an object of issues' });
      continue;
    }
    try {
      for await (const issue of jsonMembers(only(bytes), [])) yield pieceOf(source, issue, scopes);
    } catch (error) {
      context.problem({ where: source, reason: messageOf(error) });
    }
  }
}

function pieceOf(source: string, issue: JsonMember, scopes: ReadonlyMap<string, string>): Piece<Advisory> {
  const id = String(issue.key);
  return {
    content: Buffer.concat([Buffer.from(JSON.stringify([source, id])), issue.bytes ?? NONE]),
    *read(problem) {
      const read = Issue.safeParse(issue.value);
      if (read.success) yield* advisoriesOf(source, id, read.data, scopes);
      else {
        const [first] = read.error.issues;
        problem({ where: `${source} ${id}`, reason: `${first?.path.join('.')}: ${first?.message}` });
      }
    },
  };
}

const NONE = Buffer.alloc(0);

async function* only(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function* advisoriesOf(
  source: string,
  id: string,
  issue: z.infer<typeof Issue>,
  scopes: ReadonlyMap<string, string>,
): Generator<Advisory> {
  for (const [codeName, { fixed_version: fixed = '', urgency }] of Object.entries(issue.releases)) {
    const scope = scopes.get(codeName);
    if (scope === undefined || fixed === '0') continue; // '0': the tracker's way to say that it never was affected
    yield {
      scope,
      name: source,
      kind: 'source',
      ...(fixed === '' ? {} : { below: fixed }), // none: there is no fix
      fixedInVersion: fixed,
      vulnerability: {
        name: id,
        description: issue.description,
        links: `${TRACKER}${id}`,
        severity: urgency,
        normalizedSeverity: SEVERITIES.get(urgency.toLowerCase()) ?? 'Unknown',
      },
    };
  }
}

/** Debian's urgencies. The doubtful ones ("high**") and words of other meaning are Unknown, as in Clair. */
const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ['unimportant', 'Low'],
  ['low', 'Medium'],
  ['medium', 'High'],
  ['high', 'Critical'],
]);
