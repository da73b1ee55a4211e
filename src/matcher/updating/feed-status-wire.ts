/** How the feeds are, as JSON for operators: docs/explanation/how-feeds-are-updated.md. */
import type { FeedStatus } from '../store/feed-status.ts';

export interface FeedStatusWire {
  readonly name: string;
  readonly kind: FeedStatus['kind'];
  readonly set: string;
  readonly state: FeedStatus['state'];
  readonly last_attempt: string | null;
  readonly last_success: string | null;
  readonly last_error: string | null;
  readonly next_try: string | null;
  readonly failures: number;
  readonly vanished_at: string | null;
  readonly rows: number;
  readonly problem_count: number;
  readonly problems: FeedStatus['problems'];
  readonly fingerprint: string;
  readonly fingerprint_changed_at: string | null;
  readonly scopes: readonly string[];
}

export function feedStatusToWire(feed: FeedStatus): FeedStatusWire {
  const time = (date: Date | undefined): string | null => date?.toISOString() ?? null;
  return {
    name: feed.name,
    kind: feed.kind,
    set: feed.set,
    state: feed.state,
    last_attempt: time(feed.lastAttempt),
    last_success: time(feed.lastSuccess),
    last_error: feed.lastError ?? null,
    next_try: time(feed.nextTry),
    failures: feed.failures,
    vanished_at: time(feed.vanishedAt),
    rows: feed.rows,
    problem_count: feed.problemCount,
    problems: feed.problems,
    fingerprint: feed.fingerprint,
    fingerprint_changed_at: time(feed.fingerprintAt),
    scopes: feed.scopes,
  };
}
