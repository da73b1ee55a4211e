/** Which lookups of manifests are to be relied on while those of an older program, or in another form, are being replaced. */
import { fillLookups, fillWithoutLookups, type LookupParts, lookupsRevision } from './manifest-lookups.ts';
import {
  anyLookupsMissing,
  countMissing,
  loadLook,
  type SeenLookups,
  saveLook,
} from './store/missing-lookups.ts';

/** ms after which manifests of an older program are looked for again, by one of the replicas: it may still write some. */
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
  let seen: SeenLookups = { old: true, mixed: true };
  let hasLooked = false;

  /** `trusts`: what another replica has found is enough. */
  async function look(signal: AbortSignal, trusts: boolean): Promise<SeenLookups> {
    const isDue = !trusts || performance.now() - lookedAt >= LOOKED;
    if (!isDue || (trusts && (await isTold())) || !(await lookForAll(signal, trusts))) return seen;
    // Without them nothing would be said of these manifests at all: a request waits for them.
    await fillWithoutLookups(parts, signal);
    const start = performance.now();
    await tell(await anyLookupsMissing(parts.db, revision), start);
    return seen;
  }

  /** Looks unless another replica has meanwhile. Returns whether there are manifests without lookups, which is not told: all replicas fill them. */
  async function lookForAll(signal: AbortSignal, trusts: boolean): Promise<boolean> {
    await using _lock = await parts.db.lock('lookups-looked', { signal });
    if (trusts && (await isTold())) return false;
    hasLooked = true;
    const start = performance.now();
    const { none, ...found } = await anyLookupsMissing(parts.db, revision);
    if (!none) await tell(found, start);
    return none;
  }

  /** Whether another replica has looked lately. */
  async function isTold(): Promise<boolean> {
    const told = await loadLook(parts.db, revision);
    if (told === undefined || told.age >= LOOKED) return false;
    seen = told;
    lookedAt = performance.now() - told.age;
    return true;
  }

  async function tell(found: SeenLookups, start: number): Promise<void> {
    seen = found;
    lookedAt = start;
    await saveLook(parts.db, revision, { ...found, age: performance.now() - start });
  }

  return {
    // The first question of a process looks for itself: what another replica has found may have changed since.
    areMixed: async (signal) => (await look(signal, hasLooked)).mixed,
    async fill(signal) {
      if (!(await look(signal, true)).old) return;
      await fillLookups(parts, signal);
      // Others may be at some of them, and some reports cannot be read.
      const start = performance.now();
      await tell(await anyLookupsMissing(parts.db, revision), start);
    },
    async missing() {
      return seen.old ? await countMissing(parts.db, revision) : 0;
    },
  };
}
