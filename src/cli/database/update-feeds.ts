/** Bringing the feeds up to date before a scan, as its policy says. */

import type { Config } from '../../config/schema.ts';
import { pause } from '../../lib/clock.ts';
import { counted } from '../../lib/counted.ts';
import type { Matcher } from '../../matcher/matcher.ts';
import type { FeedResult } from '../../matcher/updating/update-feeds.ts';
import { createMeter } from '../terminal/meter.ts';
import type { Progress } from '../terminal/progress.ts';

/**
 * When feeds are fetched. `auto`: if missing or old, and the published database goes before them; `upstream`: the same
 * without it; `always`: all feeds at every scan; `never`.
 */
export type UpdatePolicy = 'auto' | 'upstream' | 'always' | 'never';

export interface UpdateFeedsOptions {
  readonly config: Config;
  readonly policy: UpdatePolicy;
  /** Only these sets and enrichers, as far as the configuration has them; default: all that it has. */
  readonly only?: readonly string[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** ms between two looks at feeds that another process loads. */
const BUSY_WAIT = 500;

/** Where the last try failed, how long until a scan tries again. */
const RETRY = 60 * 60_000;

/** Updates unless the policy or the age of the feeds speaks against it; undefined: nothing was asked. */
export async function updateFeeds(
  matcher: Matcher,
  options: UpdateFeedsOptions,
): Promise<FeedResult[] | undefined> {
  const { config, policy, only, progress, signal } = options;
  if (policy === 'never') return undefined;
  const configured = config.updaters.sets ?? undefined;
  const sets = only === undefined ? configured : only.filter((set) => configured?.includes(set) ?? true);
  if (policy !== 'always') {
    const last = await matcher.lastUpdate(sets);
    const failed = (await matcher.feedStatus()).some(({ state }) => state === 'failed');
    if (last !== undefined && Math.abs(Date.now() - last.getTime()) < waitOf(failed, config.matcher.period))
      return undefined;
  }
  const rows = new Map<string, number>();
  const done = new Set<string>();
  const meter = createMeter('feeds', { name: 'advisories' });
  const update = (onlyDue: boolean): Promise<FeedResult[]> =>
    matcher.updateFeeds({
      sets,
      onlyDue,
      config: config.updaters.config,
      period: config.matcher.period,
      retention: config.matcher.update_retention,
      signal,
      onProgress: (feed) => {
        rows.set(feed.name, feed.rows);
        if (feed.result !== undefined) done.add(feed.name);
        const sum = [...rows.values()].reduce((a, b) => a + b, 0);
        progress.show(
          `${meter({ done: sum })}; ${done.size} of ${counted(rows.size, 'feed')} updated (${feed.name})`,
        );
      },
    });
  progress.show('feeds: asking for their changes');
  let results = await update(false);
  // Another scan is at them: without what it loads, this one would know nothing.
  while (results.some(({ state }) => state === 'busy')) {
    progress.show('feeds: waiting for another process that is updating them');
    await pause(BUSY_WAIT, signal);
    results = [...results.filter(({ state }) => state !== 'busy'), ...(await update(true))];
  }
  progress.clear();
  const failed = results.filter(({ state }) => state === 'failed');
  for (const { name, error } of failed.slice(0, 3))
    progress.note(`warning: feed ${name} not updated: ${error ?? 'failed'}`);
  if (failed.length > 3)
    progress.note(
      `warning: ${counted(failed.length - 3, 'more feed')} not updated. List them with "clairctl db status"`,
    );
  return results;
}

/** How long feeds that were asked are not asked again. */
function waitOf(failed: boolean, period: number): number {
  return failed ? Math.min(RETRY, period) : period;
}
