/** Until when a release of a distribution or a program gets security fixes. */

/** A release by the names that endoflife.date has for products and cycles: `debian` `12`, `alpine-linux` `3.19`. */
export interface Release {
  readonly product: string;
  readonly cycle: string;
}

/** Days as `YYYY-MM-DD`. */
export interface Support {
  /** Last day of support for everybody; undefined: it is not known, which is no end. */
  readonly until?: string;
  /** What goes on after that, for those who pay or by others; the last one counts. */
  readonly extended: readonly { readonly name: string; readonly until: string }[];
}

/** How a release stands on `day` (`YYYY-MM-DD`). */
export type Standing = 'supported' | 'extended' | 'ended';

export function standingOf({ until, extended }: Support, day: string): Standing {
  if (until === undefined || day <= until) return 'supported';
  return extended.some((each) => day <= each.until) ? 'extended' : 'ended';
}
