/** The advisories of Ubuntu: an OVAL file a release, one definition a vulnerability. */

import { z } from 'zod';
import type { Feed, FeedContext, FeedSet, Fetched } from '../../contract/feed.ts';
import { AppError, messageOf } from '../../errors.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { fetchNews } from '../../feeds/fetch-news.ts';
import { inFolder } from '../../feeds/in-folder.ts';
import { inPieces } from '../../feeds/in-pieces.ts';
import { keepBody } from '../../feeds/keep-body.ts';
import { matchesOf, type OvalDefinition, type OvalTables, ovalPieces } from '../../formats/oval/oval.ts';
import type { Advisory, VulnerabilityText } from '../../model/advisory.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { scopeOf, ubuntuRelease } from './releases.ts';
import { discoverUbuntuSeries, type UbuntuSeries } from './ubuntu-series.ts';
import { dpkgVersions } from './version.ts';

const Forced = z.array(z.object({ name: z.string().min(1), version: z.string().min(1) }));
const SetConfig = z.object({
  url: httpUrl.default('https://api.launchpad.net/1.0/'),
  name: z.string().min(1).default('ubuntu'),
  oval_url: httpUrl.default('https://security-metadata.canonical.com/oval/'),
  Force: Forced.optional(),
  force: Forced.optional(),
});
const FeedConfig = z.object({ url: httpUrl.optional() });

/** The updater set `ubuntu`: a feed for each supported release that has an OVAL file. */
export const ubuntuFeeds: FeedSet = {
  set: 'ubuntu',
  async feeds(config: unknown, context: FeedContext): Promise<readonly Feed[]> {
    const { url, name, oval_url, Force, force } = readFeedConfig('ubuntu', SetConfig, config);
    const forced = force ?? Force ?? [];
    const active = await discoverUbuntuSeries(url, name, context).catch((error: unknown) => {
      if (forced.length === 0) throw error;
      context.problem({ where: 'series', reason: messageOf(error) });
      return [];
    });
    const feeds: Feed[] = [];
    for (const series of forced) {
      const file = fileOf(oval_url, series);
      feeds.push(ubuntuFeed(series, (await findFile(file, context)) ?? `${file}.bz2`));
    }
    for (const series of active) {
      if (forced.some((other) => other.name === series.name)) continue;
      const file = await findFile(fileOf(oval_url, series), context);
      if (file !== undefined) feeds.push(ubuntuFeed(series, file));
    }
    if (feeds.length === 0) {
      throw new AppError(
        'feed',
        `ubuntu: none of ${active.length} series has a file at ${oval_url}; see oval_url`,
      );
    }
    return feeds;
  },
};

function fileOf(folder: string, { name }: UbuntuSeries): string {
  return inFolder(folder, `com.ubuntu.${name}.cve.oval.xml`);
}

/**
 * Where the file is, packed or not; undefined if there is none, as for some series. Where upstream is in trouble it
 * is taken to be there: a feed that fails is told, and keeps what it had.
 */
async function findFile(url: string, context: FeedContext): Promise<string | undefined> {
  let uncertain: string | undefined;
  for (const candidate of [url, `${url}.bz2`]) {
    try {
      const response = await context.request(candidate, { method: 'HEAD', headers: ACCEPT });
      await response.discard();
      const location = response.header('content-location'); // the packed one, where the server has a choice
      if (response.status === 200) return location === '' ? candidate : new URL(location, response.url).href;
      if (response.status === 404) continue;
      context.problem({ where: candidate, reason: `it answered ${response.status}` });
    } catch (error) {
      context.problem({ where: candidate, reason: messageOf(error) });
    }
    uncertain ??= candidate;
  }
  return uncertain;
}

const ACCEPT = { accept: 'application/x-bzip2,application/xml;q=0.9' };

function ubuntuFeed(series: UbuntuSeries, file: string): Feed {
  const scope = scopeOf(ubuntuRelease(series.version, series.name));
  const name = `ubuntu/updater/${series.name}`;
  return {
    name,
    scopes: [scope],
    versions: dpkgVersions,
    async fetch(fingerprint, config, context): Promise<Fetched<Advisory> | 'unchanged'> {
      const { url = file } = readFeedConfig(name, FeedConfig, config);
      const news = await fetchNews(context, { url, fingerprint, by: 'etag', headers: ACCEPT });
      if (news === 'unchanged') return news;
      const path = await keepBody(news.response, name, context);
      const pieces = ovalPieces(path, name, 'dpkginfo', (definition, tables, problem) =>
        advisoriesOf(definition, tables, scope.key, problem),
      );
      return inPieces(news.fingerprint, pieces, context);
    },
  };
}

function* advisoriesOf(
  definition: OvalDefinition,
  tables: OvalTables,
  scope: string,
  problem: FeedContext['problem'],
): Generator<Advisory> {
  const vulnerability = textOf(definition);
  const seen = new Set<string>();
  for (const { names, evr } of matchesOf(definition, tables, problem)) {
    const fixedInVersion = evr?.text ?? '';
    const below = fixedInVersion.trim();
    // clair-quirk: "less than 0" is not a version at all, and is taken for "no fix"
    // differs: a test with an empty version says "no fix" too, where Clair drops it (clair-matching.md#oval)
    const bounded = below !== '' && below !== '0';
    for (const packageName of names) {
      const key = `${packageName}\0${fixedInVersion}`;
      if (seen.has(key)) continue;
      seen.add(key);
      yield {
        scope,
        name: packageName,
        kind: 'binary',
        ...(bounded ? { below } : {}),
        fixedInVersion, // clair-quirk: as the file writes it, blanks and all
        vulnerability,
      };
    }
  }
}

function textOf({
  title,
  description,
  links,
  severity,
  issued,
  references,
}: OvalDefinition): VulnerabilityText {
  const cves = references.filter(({ source, id }) => source === 'CVE' && id !== '').map(({ id }) => id);
  return {
    name: title,
    description,
    ...(issued === undefined ? {} : { issued }),
    links: links.join(' '),
    severity: '', // clair-quirk: Ubuntu's own word is only in normalized_severity
    normalizedSeverity: SEVERITIES.find((each): each is Severity => each === severity) ?? 'Unknown',
    ...(cves.length === 0 ? {} : { aliases: cves }),
  };
}
