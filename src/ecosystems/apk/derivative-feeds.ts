/** The security databases of distributions that have one file for all of their packages: Wolfi, Chainguard, MinimOS. */
import { z } from 'zod';
import type { FeedSet } from '../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../feeds/feed-config.ts';
import { type ApkDistribution, DISTRIBUTIONS, derivativeScope } from './distributions.ts';
import { secdbFeed } from './secdb.ts';

/** The updater sets `wolfi`, `chainguard` and `minimos`, by name. */
export const derivativeFeeds: Readonly<Record<string, FeedSet>> = Object.fromEntries(
  DISTRIBUTIONS.flatMap((row) => ('secdb' in row.source ? [[row.id, feedSet(row, row.source.secdb)]] : [])),
);

function feedSet(row: ApkDistribution, usual: string): FeedSet {
  const { id } = row;
  const Config = z.object({ url: httpUrl.default(usual) });
  return {
    set: id,
    async feeds(config) {
      const { url } = readFeedConfig(id, Config, config);
      return [secdbFeed({ name: `${id}-updater`, scope: derivativeScope(row), url, linkOf })];
    },
  };
}

/** Where a vulnerability is described: these databases name it by CVE, by GitHub's id or by the maker's own. */
function linkOf(id: string): string {
  if (id.startsWith('CVE-')) return `https://www.cve.org/CVERecord?id=${id}`;
  if (id.startsWith('GHSA-')) return `https://github.com/advisories/${id}`;
  if (id.startsWith('MINI-')) return `https://packages.mini.dev/advisories/osv/${id}.json`;
  return `https://images.chainguard.dev/security/${id}`;
}
