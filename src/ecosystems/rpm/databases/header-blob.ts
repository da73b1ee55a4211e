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

/** The longest header, in bytes: rpm itself stops at 256 MiB (header.c, headerMaxbytes); those of 100,000 files have 10 MiB. */
export const MAX_HEADER = 32 * 1024 * 1024;
