/** Feeds of a report that are older than somebody lets them be: what came since is not in the answer. */
import type { FeedWire, IncompleteWire } from '../../matcher/report/report-wire.ts';

/** An entry for each; `maxAge` in ms. Those that were never loaded have an entry of their own. */
export function staleFeeds(feeds: readonly FeedWire[], maxAge: number, now: Date): IncompleteWire[] {
  const stale = feeds.filter(
    ({ last_success: at }) => at !== undefined && now.getTime() - Date.parse(at) > maxAge,
  );
  return stale.map(({ name, scope, last_success }) => ({
    kind: 'feed-stale',
    what: scope,
    where: '',
    reason: `${name} was loaded on ${last_success!.slice(0, 10)}, longer ago than --db-max-age allows`,
    count: 0,
    packages: 0,
  }));
}
