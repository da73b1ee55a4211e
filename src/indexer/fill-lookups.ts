/** Which lookups of manifests are to be relied on while those that an older program has stored are being replaced. */
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
  /** Replaces them; what there is can be used meanwhile. */
  fill(signal: AbortSignal): Promise<void>;
  /** Manifests whose lookups are still to be replaced. */
  missing(): Promise<number>;
}

export function storedLookups(parts: LookupParts): StoredLookups {
  const revision = lookupsRevision(parts.ecosystems);
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isMixed = true;

  async function look(signal: AbortSignal): Promise<boolean> {
    if (performance.now() - lookedAt < LOOKED) return isMixed;
    const start = performance.now();
    const { old, none } = await anyLookupsMissing(parts.db, revision);
    // Without them nothing would be said of these manifests at all: a request waits for them.
    if (none) await fillWithoutLookups(parts, signal);
    isMixed = none ? (await anyLookupsMissing(parts.db, revision)).old : old;
    lookedAt = start;
    return isMixed;
  }

  return {
    areMixed: look,
    async fill(signal) {
      if (!(await look(signal))) return;
      await fillLookups(parts, signal);
      // Others may be at some of them, and some reports cannot be read.
      isMixed = (await anyLookupsMissing(parts.db, revision)).old;
    },
    async missing() {
      return isMixed ? await countMissing(parts.db, revision) : 0;
    },
  };
}
