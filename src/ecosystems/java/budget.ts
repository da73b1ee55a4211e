/** What looking into the archives of one layer, with all that is nested in them, may cost at most. */

/** All that the archives of a layer may cost was spent: what has been found so far is kept. */
export class Spent extends Error {}

const MIB = 1024 * 1024;

/** Archives within archives: an application in an installer has three. */
export const MAX_DEPTH = 16;

const LIMITS = {
  /** Members of all central directories; each nested directory may list the same bytes again. */
  members: 4_000_000,
  /** Archives and property files that are noted to be opened. */
  noted: 500_000,
  /** Those that are opened. */
  parts: 100_000,
  /** Bytes that are inflated, one after another. */
  inflated: 4096 * MIB,
  /** Bytes of archives that are hashed: those within each other may be the same bytes again and again. */
  hashed: 4096 * MIB,
  /** Times that something is read: bounds the work on directories that are made to be slow. */
  reads: 5_000_000,
  /** Characters of names of classes that are told. */
  linked: 16 * MIB,
};

/** Bytes of nested archives that are in memory at once, all depths together. */
const MAX_HELD = 256 * MIB;

export interface ArchiveBudget {
  /** Counts; throws `Spent` when it is too much. */
  spend(what: keyof typeof LIMITS, amount: number): void;
  /** Counts, if it is not too much. */
  hasRoomFor(what: keyof typeof LIMITS, amount: number): boolean;
  /** Bytes that may still be held in memory. */
  free(): number;
  /** Counts bytes as held until what it gives is called. */
  hold(bytes: number): () => void;
}

/** A budget for a layer. */
export function createArchiveBudget(
  limits: Partial<typeof LIMITS> & { readonly held?: number } = {},
): ArchiveBudget {
  const left = { ...LIMITS, ...limits };
  let free = limits.held ?? MAX_HELD;
  return {
    hasRoomFor(what, amount) {
      if (left[what] < amount) return false;
      left[what] -= amount;
      return true;
    },
    spend(what, amount) {
      left[what] -= amount;
      if (left[what] < 0)
        throw new Spent(
          `exceeds the limit of ${limits[what] ?? LIMITS[what]} ${what} in the archives of a layer; the rest is not read`,
        );
    },
    free: () => free,
    hold(bytes) {
      free -= bytes;
      return () => {
        free += bytes;
      };
    },
  };
}
