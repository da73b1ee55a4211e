/** The table of feeds in docs/reference/ecosystems.md: what each asks first is seen by letting it ask. */
import type { Ecosystem } from '../src/contract/ecosystem.ts';
import type { Feed, FeedContext, FeedSet } from '../src/contract/feed.ts';
import { AppError } from '../src/errors.ts';

/** What stands before the table. */
export const ABOUT_FEEDS = `## Feeds

Each set and each feed has a section in \`updaters.config\`, by its name. These keys replace the addresses:

| key | sections | replaces |
|---|---|---|
| \`url\` | every set and feed, except the sets \`aws\`, \`debian\` and \`nvd\` | URL of a set: a directory or a file, as below. URL of a feed: its file or repository |
| \`archive_url\` | \`fedora\`, \`epel\` | Directory of releases after their end of life; the feeds try it after \`url\` |
| \`bodhi_url\` | \`fedora\`, \`epel\` | Bodhi, which lists updates that later ones superseded; \`''\`: not asked |
| \`mirror_url\` | \`aws-extras\`, feeds of \`aws\` and \`aws-extras\` | Scheme and host of each mirror in a list of mirrors |
| \`mirror_url\`, \`json_url\` | \`debian\` | Package mirror that lists the releases; the document of the security tracker |
| \`source\` | \`suse\` | \`oval\` (default) or \`osv\`; with \`osv\`, \`url\` is the OSV database or one of its dumps |
| \`feed_root\` | \`nvd\`, \`clair.cvss\` | Directory of the yearly files of the NVD |
| \`overrides_url\`, \`overrides\` | \`nvd\` | Archive of \`nvd/overrides\`; with \`feed_root\` alone, or \`overrides: false\`, that feed is off |
| \`oval_url\` | \`ubuntu\` | Directory of the OVAL files; \`url\` lists the releases |
| \`allowlist\` | \`osv\` | Dumps of the OSV database that are read |

The table shows the first URL that each set requests. A scope is a release, or an ecosystem, that the advisories in a feed cover. A report about a
scope without a loaded feed is incomplete.`;

/** More of a kind are counted. */
const MOST = 6;

/** A row for each set of each ecosystem: ecosystem, set, feeds, the address that is asked first, scopes that are covered. */
export async function feedRows(ecosystems: readonly Ecosystem[]): Promise<string[][]> {
  const rows: string[][] = [];
  for (const { id, feeds: sets } of ecosystems) {
    for (const set of sets) rows.push([id, `\`${set.set}\``, ...(await describe(set))]);
  }
  return rows;
}

async function describe(set: FeedSet): Promise<string[]> {
  const { context, asked } = silence();
  // Some ask first which releases there are.
  const feeds = await set.feeds(undefined, context).catch(() => undefined);
  if (feeds === undefined) return ['one for each release that is found', address(asked), ''];
  const [first] = feeds;
  await first?.fetch('', undefined, context).catch(() => undefined);
  return [few(feeds.map(({ name }) => name)), address(asked), few(scopesOf(feeds))];
}

/** Nobody answers. */
function silence() {
  const asked: string[] = [];
  const context: FeedContext = {
    request: (url) => {
      asked.push(url);
      return Promise.reject(new AppError('feed', `${url}: no answer`));
    },
    spool: () => Promise.reject(new AppError('feed', 'nothing to keep')),
    problem: () => undefined,
    now: () => new Date('2026-01-01T00:00:00Z'),
    signal: new AbortController().signal,
  };
  return { context, asked };
}

function address([url]: readonly string[]): string {
  return url === undefined ? '' : `\`${url}\``;
}

function scopesOf(feeds: readonly Feed[]): string[] {
  return [...new Set(feeds.flatMap(({ scopes }) => scopes.map(({ key }) => key)))];
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, MOST).map((name) => `\`${name}\``);
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
