/** What the readers of rpm's three databases have in common. */

/** A record of a database: the header in it, and what is wrong with it. At least one of the two. */
export interface HeaderBlob {
  /** Which record, for people. */
  readonly record: string;
  readonly blob?: Buffer;
  readonly reason?: string;
}

/** What `format` names in `package_db`. */
export type DatabaseFormat = 'bdb' | 'ndb' | 'sqlite';

// rpm's header.c, headerMaxbytes: rpm reads no longer ones.
/** The longest header, in bytes. */
export const MAX_HEADER = 256 * 1024 * 1024;
