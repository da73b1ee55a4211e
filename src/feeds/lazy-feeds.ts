/** Feed sets that are loaded when they are first asked: what indexes images has no use for parsers of feeds. */
import type { FeedSet } from '../contract/feed.ts';

/** The set named `set`, from the module that `load` imports; `scopes` as `FeedSet` has them. */
export function lazyFeeds(
  set: string,
  load: () => Promise<Pick<FeedSet, 'feeds'>>,
  scopes?: readonly string[],
): FeedSet {
  return {
    set,
    ...(scopes && { scopes }),
    feeds: async (config, context) => (await load()).feeds(config, context),
  };
}
