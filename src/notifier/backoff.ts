/** How long to wait before a delivery is tried again. */

/** ms before the second attempt; doubles with each. */
const FIRST = 10_000;

export interface BackoffOptions {
  /** `notifier.delivery_interval`: never longer than this, unless the target asks for more. */
  readonly longest: number;
  readonly random: () => number;
}

/** A target may ask for a day at most. */
const MAX_ASKED = 24 * 3600 * 1000;

/** After `attempts` of them, in ms: a little more or less by chance, so that receivers that come back are not overrun. */
export function backoff(
  attempts: number,
  asked: number | undefined,
  { longest, random }: BackoffOptions,
): number {
  const own = Math.min(FIRST * 2 ** Math.min(attempts - 1, 30), longest) * (0.75 + random() / 4);
  return Math.max(own, Math.min(asked ?? 0, MAX_ASKED));
}
