/** The security databases of Wolfi and Chainguard: one file for all that they have. */
import { z } from 'zod';
import type { FeedSet } from '../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { NO_DISTRIBUTION } from '../../model/package.ts';
import { ROLLING, type Rolling } from './rolling.ts';
import { secdbFeed } from './secdb.ts';

const URLS: Readonly<Record<string, string>> = {
  wolfi: 'https://packages.wolfi.dev/os/security.json',
  chainguard: 'https://packages.cgr.dev/chainguard/security.json',
};

/** The updater sets `wolfi` and `chainguard`, by name. */
export const rollingFeeds: Readonly<Record<string, FeedSet>> = Object.fromEntries(
  ROLLING.map((rolling) => [rolling.id, feedSet(rolling)]),
);

function feedSet({ id, name }: Rolling): FeedSet {
  const Config = z.object({ url: httpUrl.default(URLS[id]!) });
  const distribution = { ...NO_DISTRIBUTION, did: id, name, prettyName: name };
  return {
    set: id,
    async feeds(config) {
      const { url } = readFeedConfig(id, Config, config);
      return [secdbFeed({ name: `${id}-updater`, scope: { key: id, distribution }, url, linkOf })];
    },
  };
}

/** Where a vulnerability is described: these databases name it by CVE, by GitHub's id or by Chainguard's. */
function linkOf(id: string): string {
  if (id.startsWith('CVE-')) return `https://www.cve.org/CVERecord?id=${id}`;
  if (id.startsWith('GHSA-')) return `https://github.com/advisories/${id}`;
  return `https://images.chainguard.dev/security/${id}`;
}
