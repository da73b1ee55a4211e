/** Finds which releases and repositories Alpine's security database has. */
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet } from '../../contract/feed.ts';
import { AppError, messageOf } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { NO_DISTRIBUTION } from '../../model/package.ts';
import { scopeOf } from './lookups.ts';
import { secdbFeed } from './secdb.ts';

const Config = z.object({ url: httpUrl.default('https://secdb.alpinelinux.org/') });

const REPOSITORIES = ['main', 'community'];

/** The database begins with v3.3, and every later major with its first minor. */
const FIRST_MAJOR = 3;
const FIRST_MINOR = 3;
/** Far from any real release: a server that never says 404 is not asked on and on. */
const MAX_MAJOR = 9;
const MAX_MINOR = 99;

/** Requests under way at once; how many there are in a second is the context's concern. */
const PARALLEL = 8;

/** The updater set `alpine`: a feed for each repository of each release that there is. */
export const alpineFeeds: FeedSet = {
  set: 'alpine',
  async feeds(config, context) {
    const { url } = readFeedConfig('alpine', Config, config);
    const base = url.endsWith('/') ? url : `${url}/`;
    await checkBase(base, context);
    const places = [...(await releasesAt(base, context)), 'edge'].flatMap((release) =>
      REPOSITORIES.map((repository) => ({
        release,
        repository,
        url: `${base}${release}/${repository}.json`,
      })),
    );
    const feeds: Feed[] = [];
    for (const batch of batches(places)) {
      const answers = await Promise.all(batch.map((place) => probe(place.url, context)));
      for (const [index, { release, repository, url }] of batch.entries()) {
        if (answers[index] !== 'missing') feeds.push(releaseFeed(release, repository, url));
      }
    }
    return feeds;
  },
};

/** The feed of one repository (`main`) of one release (`v3.18`, `edge`). */
export function releaseFeed(release: string, repository: string, url: string): Feed {
  const versionId = release.replace(/^v/, '');
  const prettyName = `Alpine Linux ${release}`;
  return secdbFeed({
    name: `alpine-${repository}-${release}-updater`,
    scope: {
      key: scopeOf(versionId),
      distribution: { ...NO_DISTRIBUTION, did: 'alpine', name: 'Alpine Linux', versionId, prettyName },
    },
    url,
    linkOf: (id) => `https://security.alpinelinux.org/vuln/${id}`,
  });
}

/** Any answer but the file itself means that this is no security database, or not now. */
async function checkBase(base: string, context: FeedContext): Promise<void> {
  const response = await context.request(`${base}last-update`);
  await response.discard();
  if (response.status !== 200) {
    throw new AppError(
      'feed',
      `${base}last-update returned status ${response.status}: check updaters.config.alpine.url`,
    );
  }
}

/** `v3.3` and on: the minors of a major up to the first that is not there, the majors up to the first with none. */
// differs: only 404 ends a series, any other answer is a problem, and the number of requests is bounded (clair-matching.md#alpine)
async function releasesAt(base: string, context: FeedContext): Promise<string[]> {
  const releases: string[] = [];
  for (let major = FIRST_MAJOR; major <= MAX_MAJOR; major++) {
    const minors = await minorsOf(major, base, context);
    if (minors.length === 0) break;
    releases.push(...minors);
  }
  return releases;
}

async function minorsOf(major: number, base: string, context: FeedContext): Promise<string[]> {
  const first = major === FIRST_MAJOR ? FIRST_MINOR : 0;
  const candidates = Array.from(
    { length: MAX_MINOR - first + 1 },
    (_, index) => `v${major}.${first + index}`,
  );
  const answers: Answer[] = [];
  for (const batch of batches(candidates)) {
    const latest = await Promise.all(batch.map((release) => probe(`${base}${release}/`, context)));
    const end = latest.indexOf('missing');
    answers.push(...latest.slice(0, end === -1 ? latest.length : end));
    // A whole batch without an answer: asking for the rest would be no better.
    if (end !== -1 || !latest.includes('there')) break;
  }
  return candidates.slice(0, answers.lastIndexOf('there') + 1);
}

/** `unknown`: the answer says neither. */
type Answer = 'there' | 'missing' | 'unknown';

async function probe(url: string, context: FeedContext): Promise<Answer> {
  try {
    const response = await context.request(url, { method: 'HEAD' });
    await response.discard();
    if (response.status === 200) return 'there';
    if (response.status === 404) return 'missing';
    context.problem({ where: url, reason: `answered with status ${response.status}` });
  } catch (error) {
    context.signal.throwIfAborted();
    context.problem({ where: url, reason: messageOf(error) });
  }
  return 'unknown';
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += PARALLEL) yield items.slice(start, start + PARALLEL);
}
