/** An entry of an ignore file. */

/** What all of its conditions fit does not count. At least one of them is there. */
export interface IgnoreEntry {
  /** File and line. */
  readonly source: string;
  readonly id?: string;
  /** A name or a package URL; names may have `*` and `?`. */
  readonly packages: readonly string[];
  /** Patterns. */
  readonly paths: readonly string[];
  readonly reason: string;
  /** From this moment on (ms) it does not hold any more. */
  readonly expires?: number;
}

/** Midnight UTC of `YYYY-MM-DD`, or the moment that RFC 3339 says; NaN: neither. */
export function dateOf(value: unknown): number {
  const text = String(value);
  if (!/^\d{4}-\d\d-\d\d(T.*)?$/.test(text)) return Number.NaN;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return Number.NaN;
  // Date.parse takes 2030-02-31 for a day in March.
  const isDay = text.length === 10;
  return isDay && new Date(time).toISOString().slice(0, 10) !== text ? Number.NaN : time;
}
