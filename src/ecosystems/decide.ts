/** Deciding in code what byte order cannot: bounds and versions without a key. */
import type { VersionScheme } from '../contract/version-scheme.ts';

/** As the feed wrote them; null or undefined: open. */
export interface Bounds {
  readonly from?: string | null | undefined;
  readonly below?: string | null | undefined;
  readonly upTo?: string | null | undefined;
}

/**
 * `unknown`: neither can be proven, because a text is no version of the scheme.
 * differs: Clair fails the whole report, or says no (matching.md §9.3)
 */
export type Verdict = 'affected' | 'unaffected' | 'unknown';

/** Whether `version` lies within `bounds`. One readable bound that excludes it is enough to say no. */
export function decide(versions: VersionScheme, version: string, bounds: Bounds): Verdict {
  const tests = (['from', 'below', 'upTo'] as const).flatMap((bound) => {
    const text = bounds[bound];
    return text === null || text === undefined ? [] : [{ bound, text }];
  });
  if (tests.length === 0) return 'affected'; // every version is, even one that cannot be read
  const parsed = versions.parse(version);
  if (parsed === undefined) return 'unknown';
  const verdicts = tests.map(({ bound, text }): Verdict => {
    const limit = versions.parse(text);
    if (limit === undefined) return 'unknown';
    const order = versions.compare(parsed, limit);
    const inside = bound === 'from' ? order >= 0 : bound === 'below' ? order < 0 : order <= 0;
    return inside ? 'affected' : 'unaffected';
  });
  if (verdicts.includes('unaffected')) return 'unaffected';
  return verdicts.includes('unknown') ? 'unknown' : 'affected';
}
