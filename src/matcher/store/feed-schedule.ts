/** When a feed is asked again. */

/** ms after which a feed that failed is asked again; it doubles with each failure, up to the period. */
export const FIRST_RETRY = 5 * 60_000;

/** No server keeps us away for longer (ms). */
const LONGEST_RETRY_AFTER = 24 * 3600 * 1000;

/** Clocks of replicas differ by less (ms). */
const CLOCK_SKEW = 60_000;

export interface FeedAttempt {
  /** When the update began that this was part of: feeds that are asked together stay together. */
  readonly started: Date;
  /** Failures in a row, this one counted; 0: it went well. */
  readonly failures: number;
  /** How long upstream asked to be left alone, in ms. */
  readonly retryAfter?: number;
  /** `matcher.period` in ms. */
  readonly period: number;
  /** About 1: replicas and installations must not come in step. */
  readonly jitter: number;
}

export function nextTry({ started, failures, retryAfter = 0, period, jitter }: FeedAttempt): Date {
  const backoff = failures === 0 ? period : Math.min(FIRST_RETRY * 2 ** Math.min(failures - 1, 30), period);
  const wait = Math.max(backoff * jitter, Math.min(retryAfter, LONGEST_RETRY_AFTER));
  return new Date(started.getTime() + wait);
}

/** What is stored of a feed or a set. */
export interface Schedule {
  readonly last_attempt: Date | null;
  readonly next_try: Date | null;
  readonly failures: number;
}

/** What is due so soon (share of the period) is asked along with what is due now: a retry must not part it from its set for ever. */
const GRACE = 0.1;

/** Whether to ask it now. The period may have become shorter since it was asked, and the clock may have been set back. */
export function isDue({ last_attempt, next_try, failures }: Schedule, now: Date, period: number): boolean {
  if (last_attempt === null || next_try === null) return true;
  const age = now.getTime() - last_attempt.getTime();
  if (age < -CLOCK_SKEW) return true;
  if (failures > 0) return now >= next_try || age >= 1.2 * Math.max(period, LONGEST_RETRY_AFTER);
  return now.getTime() >= next_try.getTime() - GRACE * period || age >= 1.1 * period;
}

/** A number about 1 for `nextTry`. */
export function drawJitter(random: () => number = Math.random): number {
  return 0.9 + 0.2 * random();
}
