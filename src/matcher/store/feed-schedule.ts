/** Computes when a feed is requested again. */

/** Delay in ms after the first failure of a feed; it doubles with each failure, up to the period. */
const FIRST_RETRY = 5 * 60_000;

/** Upper limit in ms of an upstream's `Retry-After`. */
const LONGEST_RETRY_AFTER = 24 * 3600 * 1000;

/** Largest accepted difference of the clocks of replicas, in ms. */
const CLOCK_SKEW = 60_000;

export interface FeedAttempt {
  /** Start of the update that the attempt was part of: feeds that are requested together stay together. */
  readonly started: Date;
  /** Consecutive failures, this one included; 0 after a success. */
  readonly failures: number;
  /** `Retry-After` of upstream in ms. */
  readonly retryAfter?: number;
  /** `matcher.period` in ms. */
  readonly period: number;
  /** A factor near 1, so that replicas and installations do not synchronize. */
  readonly jitter: number;
}

/** Returns the time of the next attempt. */
export function nextTry({ started, failures, retryAfter = 0, period, jitter }: FeedAttempt): Date {
  const backoff = failures === 0 ? period : Math.min(FIRST_RETRY * 2 ** Math.min(failures - 1, 30), period);
  const wait = Math.max(backoff * jitter, Math.min(retryAfter, LONGEST_RETRY_AFTER));
  return new Date(started.getTime() + wait);
}

/** The stored schedule of a feed or a set. */
export interface Schedule {
  readonly last_attempt: Date | null;
  readonly next_try: Date | null;
  readonly failures: number;
}

/** Share of the period: a feed that is due this soon is requested with those due now, so that a retry does not separate it from its set. */
const GRACE = 0.1;

/** Returns whether a feed is due. Handles a period that was shortened and a clock that was set back. */
export function isDue({ last_attempt, next_try, failures }: Schedule, now: Date, period: number): boolean {
  if (last_attempt === null || next_try === null) return true;
  const age = now.getTime() - last_attempt.getTime();
  if (age < -CLOCK_SKEW) return true;
  if (failures > 0) return now >= next_try || age >= 1.2 * Math.max(period, LONGEST_RETRY_AFTER);
  return now.getTime() >= next_try.getTime() - GRACE * period || age >= 1.1 * period;
}

/** Returns a random factor near 1 for `nextTry`. */
export function drawJitter(random: () => number = Math.random): number {
  return 0.9 + 0.2 * random();
}
