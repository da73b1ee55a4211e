/** The OSV database (osv.dev) as a source of advisories: one feed for the dump of one ecosystem. */
import type { FeedSet } from '../../contract/feed.ts';
import { lazyFeeds } from '../../feeds/lazy-feeds.ts';
import type { OsvOptions } from './options.ts';

/** The feed set `osv` with the one feed `osv/<dump>`. */
export function osv(options: OsvOptions): FeedSet {
  const { scope } = options;
  const scopes = 'key' in scope ? [scope] : scope.scopes;
  return lazyFeeds(
    'osv',
    async () => (await import('./feed.ts')).osvFeeds(options),
    scopes.map(({ key }) => key),
  );
}
