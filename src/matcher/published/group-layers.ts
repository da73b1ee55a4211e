/** Which feeds are in one layer: those that the same images need. */
import type { PublishedFeed } from './format.ts';

interface Grouped extends Pick<PublishedFeed, 'name' | 'kind' | 'feed_set'> {
  readonly scopes: readonly { readonly key: string }[];
}

export interface LayerGroup<F> {
  readonly name: string;
  /** See `LayerEntry`. */
  readonly scopes: string[];
  readonly feeds: readonly F[];
}

/**
 * A layer for each set; where the feeds of a set are of several ecosystems, as OSV's are, one for each of these. It has
 * the set's name, else the feed's, else both that and how its scopes begin.
 */
export function groupLayers<F extends Grouped>(feeds: readonly F[]): LayerGroup<F>[] {
  return [...Map.groupBy(feeds, ({ feed_set }) => feed_set)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([set, members]) => {
      const groups = [...Map.groupBy(members, (feed) => headsOf(feed).join(' '))];
      return groups.map(([heads, own]) => {
        const name = groups.length === 1 ? set : own.length === 1 ? own[0]!.name : `${set} ${heads}`;
        return { name, scopes: heads === '' ? [] : heads.split(' '), feeds: own };
      });
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** How the scopes of a feed begin. */
function headsOf({ scopes }: Grouped): string[] {
  return [...new Set(scopes.map(({ key }) => headOf(key)))].sort();
}

/** `debian:` of `debian:12`; all of a key without a colon. */
export function headOf(key: string): string {
  return /^[^:]*:?/.exec(key)![0];
}
