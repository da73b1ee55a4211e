/** Where advisories come from. */
import type { Readable } from 'node:stream';
import type { HttpRequest } from '../lib/http-client.ts';
import type { HttpResponse } from '../lib/http-response.ts';
import type { Advisory, Scope } from '../model/advisory.ts';
import type { Problem } from '../model/package.ts';
import type { VersionScheme } from './version-scheme.ts';

/** A family of feeds that is configured and switched as one: Clair's updater set. */
export interface FeedSet {
  /** Name in `updaters.sets` and `updaters.config`, e.g. `debian`, `osv`. Several ecosystems may share a set's name. */
  readonly set: string;
  /**
   * How the keys of the scopes begin that its feeds speak of, with a colon at the end, or what they are. An image of which nothing
   * is looked up there does not need the set. undefined: not known before the feeds are read.
   */
  readonly scopes?: readonly string[];
  /** The feeds there are now; may ask upstream which releases exist. `config` is `updaters.config.<set>`, unchecked. */
  feeds(config: unknown, context: FeedContext): Promise<readonly Feed[]>;
}

/** One source of advisories with its own state: Clair's updater. */
export interface Feed {
  /** Unique, as Clair names it, e.g. `debian/updater`, `alpine-main-v3.20-updater`, `osv/pypi`. */
  readonly name: string;
  /** The scopes that a successful load of this feed covers: what a report may call checked. */
  readonly scopes: readonly Scope[];
  /** Orders the bounds of its advisories. */
  readonly versions: VersionScheme;
  /** The same for one advisory, where a feed has several kinds of packages. */
  readonly versionsOf?: (advisory: Advisory) => VersionScheme;
  /**
   * Asks upstream for news since `fingerprint` (what the last successful `fetch` returned, '' at first).
   * `config` is `updaters.config.<name>`, unchecked. Throws `feed` when upstream cannot be had. All that `records` needs is
   * on disk when it returns (`FeedContext.spool`): no transaction waits for the network.
   */
  fetch(fingerprint: string, config: unknown, context: FeedContext): Promise<Fetched<Advisory> | 'unchanged'>;
}

export interface Fetched<T> {
  readonly fingerprint: string;
  /** All of it, streamed: memory does not depend on the feed's size. Read at most once. */
  readonly records: AsyncIterable<T>;
  /** The same in pieces, read in place of `records`: those that are as they were the last time need not be read. Not for enrichers. */
  readonly pieces?: AsyncIterable<Piece<T>>;
  /** Set if `records` is not all: what was known of other vulnerabilities stays. Not for enrichers. */
  readonly partial?: {
    /** Names of the vulnerabilities that `records` says anew, or that are gone; complete once all of `records` is read. */
    readonly names: ReadonlySet<string>;
  };
}

/** A part of a feed that can be read for itself: a member of an archive, an object of a document. */
export interface Piece<T> {
  /** All that `read` depends on, but the feed's configuration and scopes: where it is the same, so are the records. */
  readonly content: Uint8Array | string;
  /**
   * Its records. What could not be read, or will be read otherwise at another time, is told to `problem`: then the piece
   * is read again the next time, whether it changed or not. Throws what ends the feed.
   */
  read(problem: FeedContext['problem']): Iterable<T>;
}

/** What a feed may use of the world. */
export interface FeedContext {
  /** GET (or HEAD) with limits, per-host pacing, retries and redirects. Any status is returned; no answer at all throws `feed`. */
  request(url: string, options?: HttpRequest): Promise<HttpResponse>;
  /** Streams `body` into a temporary file that lives until the feed's import ends; gives its path. */
  spool(body: Readable): Promise<string>;
  /** A record that could not be read: stored with the feed's status; the others are kept. */
  problem(problem: Omit<Problem, 'source'>): void;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}
