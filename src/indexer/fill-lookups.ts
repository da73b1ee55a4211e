/** Which lookups of manifests are to be relied on while those of an older program, or in another form, are being replaced. */
import { fillLookups, fillWithoutLookups, type LookupParts, lookupsRevision } from './manifest-lookups.ts';
import { anyLookupsMissing, countMissing } from './store/missing-lookups.ts';

/** ms after which manifests of an older program are looked for again: it may still write some. */
const LOOKED = 10 * 60_000;

export interface StoredLookups {
  /**
   * Whether there are lookups of another program: the keys of their versions may be in another order, so that versions are to
   * be compared. Manifests that have no lookups at all are filled first.
   */
  areMixed(signal: AbortSignal): Promise<boolean>;
  /** Replaces them, and those in another form; what there is can be used meanwhile. */
  fill(signal: AbortSignal): Promise<void>;
  /** Manifests whose lookups are still to be replaced. */
  missing(): Promise<number>;
}

export function storedLookups(parts: LookupParts): StoredLookups {
  const revision = lookupsRevision(parts.ecosystems, parts.compact);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let seen = { old: true, mixed: true };

  async function look(signal: AbortSignal): Promise<typeof seen> {
    if (performance.now() - lookedAt < LOOKED) return seen;
    const start = performance.now();
    const missing = await anyLookupsMissing(parts.db, revision);
    // Without them nothing would be said of these manifests at all: a request waits for them.
    if (missing.none) await fillWithoutLookups(parts, signal);
    seen = missing.none ? await anyLookupsMissing(parts.db, revision) : missing;
    lookedAt = start;
    return seen;
  }

  return {
    areMixed: async (signal) => (await look(signal)).mixed,
    async fill(signal) {
      if (!(await look(signal)).old) return;
      await fillLookups(parts, signal);
      // Others may be at some of them, and some reports cannot be read.
      seen = await anyLookupsMissing(parts.db, revision);
    },
    async missing() {
      return seen.old ? await countMissing(parts.db, revision) : 0;
    },
  };
}
