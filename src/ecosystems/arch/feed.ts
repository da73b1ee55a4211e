/** Arch's security tracker: all of its vulnerability groups in one file. */
import { z } from 'zod';
import type { Feed, FeedContext, FeedSet, Piece } from '../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import { inPieces } from '../../feeds/in-pieces.ts';
import { jsonMembers } from '../../formats/json/stream.ts';
import type { Advisory } from '../../model/advisory.ts';
import type { Severity } from '../../model/severity.ts';
import { ARCH, archLinux } from './release.ts';
import { archVersions } from './version.ts';

const PLACE = 'https://security.archlinux.org/';
const Config = z.object({ url: httpUrl.optional() });

/** PostgreSQL's text has no NUL. */
const text = z
  .string()
  .max(1024)
  .transform((written) => written.replaceAll('\0', '').toWellFormed());
const id = text.refine((written) => written !== '', 'it is empty');

/** An AVG: vulnerabilities of packages that are built from one base. */
const Group = z.object({
  name: id,
  packages: z.array(id).min(1).max(1000),
  status: text,
  severity: text,
  type: text.nullish(),

  fixed: text.nullish(),
  issues: z.array(id).max(1000),
  advisories: z.array(id).max(1000).nullish(),
});
type Group = z.infer<typeof Group>;

const SEVERITIES: Readonly<Record<string, Severity>> = {
  Low: 'Low',
  Medium: 'Medium',
  High: 'High',
  Critical: 'Critical',
};

/** The updater set `arch`. */
export const archFeeds: FeedSet = {
  set: ARCH,
  async feeds(config) {
    const { url } = readFeedConfig(ARCH, Config, config);
    return [trackerFeed(url ?? `${PLACE}all.json`)];
  },
};

/** The feed of a tracker, unless its own configuration has another place. */
function trackerFeed(place: string): Feed {
  const name = 'arch-updater';
  return {
    name,
    scopes: [{ key: ARCH, distribution: archLinux }],
    versions: archVersions,
    async fetch(fingerprint, config, context) {
      const url = readFeedConfig(name, Config, config).url ?? place;
      const news = await fetchNews(context, { url, fingerprint, by: 'etag' });
      if (news === 'unchanged') return news;
      return inPieces(news.fingerprint, groupsIn(news.response.body), context);
    },
  };
}

async function* groupsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<Piece<Advisory>> {
  for await (const member of jsonMembers(body, [])) {
    yield {
      content: member.bytes ?? '',
      *read(problem) {
        const group = Group.safeParse(member.value);
        if (group.success) yield* advisoriesIn(group.data, problem);
        else {
          const { path, message } = group.error.issues[0]!;
          problem({ where: [member.key, ...path].join('.'), reason: message });
        }
      },
    };
  }
}

/**
 * One for each package and vulnerability. `affected` is the version that was looked at, not the first that is affected:
 * all below the fix are, and without a fix all there are, whatever a status that is not known may mean.
 */
function* advisoriesIn(group: Group, problem: FeedContext['problem']): Generator<Advisory> {
  const { name, packages, status, severity, type, issues, advisories } = group;
  if (status === 'Not affected') return;
  const fixed = group.fixed ?? '';
  if (fixed === '' && status === 'Fixed')
    problem({ where: name, reason: 'it is fixed, but not told by which version: all count as affected' });
  const pages = [name, ...(advisories ?? [])].map((id) => PLACE + encodeURIComponent(id));
  for (const issue of new Set(issues.length > 0 ? issues : [name])) {
    const vulnerability = {
      name: issue,
      description: type ?? '',
      links: [...new Set([PLACE + encodeURIComponent(issue), ...pages])].join(' '),
      severity,
      normalizedSeverity: Object.hasOwn(SEVERITIES, severity) ? SEVERITIES[severity]! : 'Unknown',
    } as const;
    for (const each of new Set(packages)) {
      yield {
        scope: ARCH,
        name: each,
        kind: 'binary',
        ...(fixed !== '' && { below: fixed }),
        fixedInVersion: fixed,
        vulnerability,
      };
    }
  }
}
