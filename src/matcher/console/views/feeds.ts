/** Feeds as operators see them: the worst first. */
import type { ConsoleFeed, Overview } from '../../../model/api/console/types.ts';
import type { FeedStatus } from '../../store/feed-status.ts';

type FeedView = ConsoleFeed['state'];

const STATES: Readonly<Record<FeedStatus['state'], FeedView>> = {
  ok: 'current',
  stale: 'stale',
  failed: 'failing',
  never: 'never',
};

/** The worst first. */
const ORDER: readonly FeedView[] = ['failing', 'never', 'stale', 'current', 'off'];

/** What is listed beside the times of a feed. */
export type FeedExtras = Pick<ConsoleFeed, 'images' | 'last_change'>;

const NONE: FeedExtras = { images: null, last_change: null };

export function feedToWire(
  feed: FeedStatus,
  sets: readonly string[] | undefined,
  extras = NONE,
): ConsoleFeed {
  const time = (date: Date | undefined): string | null => date?.toISOString() ?? null;
  const isOff = sets !== undefined && !sets.includes(feed.set);
  return {
    name: feed.name,
    kind: feed.kind,
    set: feed.set,
    state: isOff ? 'off' : STATES[feed.state],
    last_attempt: time(feed.lastAttempt),
    last_success: time(feed.lastSuccess),
    last_error: feed.lastError ?? null,
    next_try: time(feed.nextTry),
    failures: feed.failures,
    rows: feed.rows,
    problem_count: feed.problemCount,
    ...extras,
    // What would rely on it is not known before it has said what it is about.
    images: feed.lastSuccess === undefined ? null : extras.images,
  };
}

export function sortFeeds(feeds: readonly ConsoleFeed[]): ConsoleFeed[] {
  return feeds.toSorted(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
      b.failures - a.failures ||
      (a.name < b.name ? -1 : Number(a.name > b.name)),
  );
}

const WORST = 5;

/** `feeds`: the worst first. */
export function feedSummary(
  feeds: readonly ConsoleFeed[],
  known: readonly string[],
  sets: readonly string[] | undefined,
): Overview['feeds'] {
  const count = (state: FeedView): number => feeds.filter((feed) => feed.state === state).length;
  const successes = feeds.flatMap((feed) => (feed.state === 'off' ? [] : (feed.last_success ?? [])));
  return {
    wanted: feeds.length - count('off'),
    current: count('current'),
    stale: count('stale'),
    failing: count('failing'),
    never: count('never'),
    off: known.filter((set) => sets !== undefined && !sets.includes(set)).length,
    oldest_success: successes.sort()[0] ?? null,
    worst: feeds.filter(({ state }) => state !== 'current' && state !== 'off').slice(0, WORST),
  };
}
