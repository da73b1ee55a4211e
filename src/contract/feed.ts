/** Feeds: the sources of advisories. */
import type { Readable } from 'node:stream';
import type { HttpRequest } from '../lib/http-client.ts';
import type { HttpResponse } from '../lib/http-response.ts';
import type { Advisory, Scope } from '../model/advisory.ts';
import type { Problem } from '../model/package.ts';
import type { VersionScheme } from './version-scheme.ts';

/** A group of feeds that are configured and enabled together (Clair's updater set). */
export interface FeedSet {
  /** Name in `updaters.sets` and `updaters.config`, such as `debian` or `osv`. Several ecosystems can share a name. */
  readonly set: string;
  /**
   * Keys of the scopes that its feeds cover, or their prefixes with a colon at the end. An image without lookups in them does
   * not need the set. undefined: not known before the feeds are read.
   */
  readonly scopes?: readonly string[];
  /** Returns the current feeds; can request the list of releases from upstream. `config` is `updaters.config.<set>`, not validated. */
  feeds(config: unknown, context: FeedContext): Promise<readonly Feed[]>;
}

/** One source of advisories with its own state (Clair's updater). */
export interface Feed {
  /** Unique name, as in Clair: `debian/updater`, `alpine-main-v3.20-updater`, `osv/pypi`. */
  readonly name: string;
  /** Scopes that a successful load of this feed covers. */
  readonly scopes: readonly Scope[];
  /** Version order of its advisories. */
  readonly versions: VersionScheme;
  /** Raised when its records are read otherwise, so that they are read again though upstream has not changed. No spaces. */
  readonly revision?: string;
  /** Returns the version order of one advisory, if a feed has several package types. */
  readonly versionsOf?: (advisory: Advisory) => VersionScheme;
  /**
   * Requests the changes since `fingerprint`, the result of the last successful `fetch` ('' for the first).
   * `config` is `updaters.config.<name>`, not validated. Throws `feed` if upstream is unavailable. All data of `records` are
   * on disk when it returns (`FeedContext.spool`): no transaction waits for the network.
   */
  fetch(fingerprint: string, config: unknown, context: FeedContext): Promise<Fetched<Advisory> | 'unchanged'>;
}

export interface Fetched<T> {
  readonly fingerprint: string;
  /** All records, streamed: memory does not depend on the size of the feed. Read at most once. */
  readonly records: AsyncIterable<T>;
  /** The same in pieces, used instead of `records`: unchanged pieces are not parsed. Not for enrichers. */
  readonly pieces?: AsyncIterable<Piece<T>>;
  /** Set if `records` is a part: advisories for other vulnerabilities stay. Not for enrichers. */
  readonly partial?: {
    /** Names of vulnerabilities that `records` replaces or removes; complete after all of `records` is read. */
    readonly names: ReadonlySet<string>;
  };
}

/** A part of a feed that can be parsed separately: a member of an archive, an object of a document. */
export interface Piece<T> {
  /** All input of `read` except configuration and scopes: equal content results in equal records. */
  readonly content: Uint8Array | string;
  /**
   * Returns its records. A record that could not be read, or depends on the time, is passed to `problem`: then the piece
   * is parsed again by the next update even if it is unchanged. Throws errors that fail the feed.
   */
  read(problem: FeedContext['problem']): Iterable<T>;
}

/** Network, files and clock for a feed. */
export interface FeedContext {
  /** Sends GET or HEAD with limits, pacing per host, retries and redirects. Returns any status; throws `feed` without a response. */
  request(url: string, options?: HttpRequest): Promise<HttpResponse>;
  /** Writes `body` to a temporary file, deleted when the import of the feed ends. Returns its path. */
  spool(body: Readable): Promise<string>;
  /** Stores a record that could not be read in the status of the feed. The other records are kept. */
  problem(problem: Omit<Problem, 'source'>): void;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}
