/** What all VEX formats say, in one form. */
import { textOf } from '../model/json-object.ts';
import type { Problem } from '../model/package.ts';

export type VexStatus = 'not_affected' | 'affected' | 'fixed' | 'under_investigation';

/** Something that a statement is about: an image, or a package. */
export interface VexProduct {
  /** Package URLs and digests by which it can be known; any of them will do. */
  readonly identifiers: readonly string[];
  /** Packages in it that the statement is about; undefined: it as a whole. */
  readonly parts?: readonly string[];
  /** CPE of the system that it is for; undefined: any. */
  readonly platform?: string;
}

export interface VexStatement {
  /** Document and place in it. */
  readonly source: string;
  /** All names of the vulnerability. */
  readonly ids: readonly string[];
  readonly status: VexStatus;
  /** Why it is not affected, in a word of the format; ''. */
  readonly justification: string;
  /** The same in words; ''. */
  readonly reason: string;
  readonly products: readonly VexProduct[];
  /** ms; 0: unknown. Of several statements about the same the newest holds. */
  readonly time: number;
}

export interface VexDocument {
  readonly statements: readonly VexStatement[];
  /** Statements that cannot be used. */
  readonly problems: readonly Problem[];
}

/** The text that `value` is, without space around it; '' if it is none. */
export function trimmedOf(value: unknown): string {
  return textOf(value).trim();
}

/** Milliseconds of the first of `texts` that is a date; 0 if none is. */
export function timeOf(...texts: readonly unknown[]): number {
  for (const text of texts) {
    const time = Date.parse(trimmedOf(text));
    if (!Number.isNaN(time)) return time;
  }
  return 0;
}
