/** Stores what older programs have not stored of their manifests, now and then. */
import { fillLookups, type LookupParts } from './manifest-lookups.ts';

/** ms after which manifests without lookups are looked for again: an older program may still write some. */
const FILLED = 10 * 60_000;

/** Returns a function that fills what is missing, and does nothing if that was done lately. */
export function fillNowAndThen(parts: LookupParts): (signal: AbortSignal) => Promise<void> {
  let filledAt = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    if (performance.now() - filledAt < FILLED) return;
    const start = performance.now();
    await fillLookups(parts, signal);
    filledAt = start;
  };
}
