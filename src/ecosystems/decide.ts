/** Deciding in code what byte order cannot: bounds and versions without a key. */
import type { Bounds } from '../contract/foreign.ts';
import type { VersionScheme } from '../contract/version-scheme.ts';
import { ANY_MODULE, UNREADABLE_BOUND } from '../model/advisory.ts';

/** As the feed wrote them, from a row of the database: null or undefined is open. */
export type NullableBounds = { readonly [Bound in keyof Bounds]: Bounds[Bound] | null | undefined };

/**
 * `unknown`: neither can be proven, because a text is no version of the scheme.
 * differs: Clair fails the whole report, or says no (clair-matching.md#one-bad-version)
 */
export type Verdict = 'affected' | 'unaffected' | 'unknown';

/**
 * Whether `version` lies within `bounds`. One readable bound that excludes it is enough to say no. Of a version that is
 * listed by itself the text decides where it is no version of the scheme: a version of the scheme is another one.
 */
export function decide(versions: VersionScheme, version: string, bounds: NullableBounds): Verdict {
  const tests = (['from', 'below', 'upTo'] as const).flatMap((bound) => {
    const text = bounds[bound];
    return text === null || text === undefined ? [] : [{ bound, text }];
  });
  if (tests.length === 0) return 'affected'; // every version is, even one that cannot be read
  const parsed = versions.parse(version);
  const listed = (bounds.from === bounds.upTo && bounds.from) || UNREADABLE_BOUND;
  if (listed !== UNREADABLE_BOUND && versions.parse(listed) === undefined) {
    if (listed === version) return 'affected';
    return parsed === undefined ? 'unknown' : 'unaffected';
  }
  if (parsed === undefined) return 'unknown';
  const verdicts = tests.map(({ bound, text }): Verdict => {
    const limit = text === UNREADABLE_BOUND ? undefined : versions.parse(text);
    if (limit === undefined) return 'unknown';
    const order = versions.compare(parsed, limit);
    const inside = bound === 'from' ? order >= 0 : bound === 'below' ? order < 0 : order <= 0;
    return inside ? 'affected' : 'unaffected';
  });
  if (verdicts.includes('unaffected')) return 'unaffected';
  return verdicts.includes('unknown') ? 'unknown' : 'affected';
}

/** Whether an advisory about packages of a module ('' is none) is about a package: `unknown` if a stream is not told. */
export function decideModule(advisory: string, installed: string): Verdict {
  const isTold = advisory !== ANY_MODULE && installed !== ANY_MODULE;
  if (isTold) return advisory === installed ? 'affected' : 'unaffected';
  return advisory === '' || installed === '' ? 'unaffected' : 'unknown';
}
