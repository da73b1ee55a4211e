/**
 * What an ecosystem has to say, and all that the engines know of it: how its packages are found in a layer
 * (detectors), how layers add up (coalesce), where a package's version means something and how versions are
 * ordered (findings, versions), and where its advisories come from (feeds).
 */
import type { Readable } from 'node:stream';
import type { HttpRequest } from '../lib/http-client.ts';
import type { HttpResponse } from '../lib/http-response.ts';

import type { Advisory, Enrichment, Scope, VulnerabilityText } from '../model/advisory.ts';
import type { Digest } from '../model/digest.ts';
import type { IndexedPackage, IndexRecord } from '../model/index-report.ts';
import type {
  Distribution,
  Environment,
  Package,
  PackageKind,
  Problem,
  Repository,
} from '../model/package.ts';
import type { Purl } from '../model/purl.ts';

export type { HttpRequest, HttpResponse };

export interface Ecosystem {
  readonly id: string;
  /** Its distributions count only where no other ecosystem knows one. */
  readonly fallback?: boolean;
  readonly detectors: readonly Detector[];
  /** Made once for an indexer: completes findings by what must be asked elsewhere, before they are coalesced. */
  readonly resolver?: (context: ResolverContext) => Resolve;
  readonly coalesce: Coalesce;
  readonly versions: VersionScheme;
  /** What of `record` is looked up in the advisories; empty if the record is another ecosystem's or of no known scope. */
  readonly findings: (record: IndexRecord) => readonly Finding[];
  /** For scopes that contain one another (the CPEs of Red Hat's repositories); undefined: a scope covers itself alone. */
  readonly cover?: Cover;
  /**
   * Reads a vulnerability as Clair writes it (an offline export, the body of affected_manifest) back into what its feed said.
   * Empty if it is another ecosystem's; throws `bad-request` if it is this one's and cannot be read.
   */
  readonly advisoriesOf?: (vulnerability: ForeignVulnerability) => readonly Advisory[];
  /** The `range` that Clair's own matcher of this ecosystem looks at; undefined: it has none. */
  readonly rangeOf?: (interval: Bounds) => ForeignVulnerability['range'];
  /** Its packages as package URLs, for SBOMs. */
  readonly purl?: PurlMapping;
  readonly feeds: readonly FeedSet[];
}

// ---------------------------------------------------------------- package URLs

/** Law: what `fromPurl` reads of `toPurl` has the same findings as the package there. */
export interface PurlMapping {
  /** The types of package URLs that are its packages. */
  readonly types: readonly string[];
  /** undefined: the package has no package URL. */
  toPurl(installed: Package, environment: Environment): Purl | undefined;
  /** undefined: no package of this ecosystem can be meant. */
  fromPurl(purl: Purl): PurlPackage | undefined;
  /** The distribution that tools call `id` (as os-release(5), or as they name it), if it is one of its own. */
  distribution?(id: string, version: string): Distribution | undefined;
}

/** What a package URL says; without `repositories` it is a package of the distribution. */
export interface PurlPackage {
  readonly package: Omit<Package, 'detector'>;
  readonly distribution?: Distribution;
  readonly repositories?: readonly Repository[];
}

// ---------------------------------------------------------------- versions

/**
 * The order of a version scheme. Law: for readable a, b with keys,
 * `sign(compare(a, b)) === sign(memcmp(key(a), key(b)))`, and `compare` is a total preorder.
 */
export interface VersionScheme<V = unknown> {
  readonly id: string;
  /** undefined: the text is no version of this scheme. Trims nothing that the native tool would refuse. */
  parse(text: string): V | undefined;
  compare(a: V, b: V): number;
  /** undefined: this version has no place in byte order (Maven's cycles); it is decided by `compare`. */
  key(version: V): Buffer | undefined;
}

/** A package to look up: in `scope`, the package `name` of `kind` at `version`. */
export interface Finding {
  readonly scope: string;
  readonly name: string;
  readonly kind: PackageKind;
  readonly version: string;
  readonly arch?: string;
  readonly module?: string;
}

/** Which scopes of advisories hold for a finding. */
export interface Cover {
  /** How the keys of such scopes begin, the findings' and the advisories'. */
  readonly prefix: string;
  /** Whether advisories of scope `advisory` hold for findings of scope `finding`. */
  covers(advisory: string, finding: string): boolean;
}

/** The versions that an advisory is about. */
export type Bounds = Pick<Advisory, 'from' | 'below' | 'upTo'>;

/** A vulnerability by the names of Clair's JSON, decoded: texts that are absent there are ''. */
export interface ForeignVulnerability {
  /** The feed that it came from, as Clair names it. */
  readonly updater: string;
  readonly vulnerability: VulnerabilityText;
  readonly package: {
    readonly name: string;
    readonly version: string;
    readonly kind: string;
    readonly module: string;
    readonly arch: string;
  };
  readonly distribution: Distribution;
  readonly repository: Required<Repository>;
  readonly archOp: '' | 'equals' | 'not equals' | 'pattern match';
  readonly fixedInVersion: string;
  /** Half-open: Clair's normalised versions, `kind:ten.ints`. */
  readonly range?: { readonly lower: string; readonly upper: string };
  /** What our own exports add where the two above cannot say it: it goes before them. */
  readonly bounds?: Bounds;
  readonly assertsUnaffected: boolean;
}

// ---------------------------------------------------------------- layers

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';

/** An entry of a layer as it streams by. `path` is clean, rooted, without leading slash, parents resolved. */
export interface Entry {
  readonly path: string;
  readonly type: EntryType;
  /** Bytes of content; 0 for links. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Target of a link, as written. */
  readonly link?: string;
}

/** A regular file whose content was kept until the end of the pass. */
export interface LayerFile {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  /** The whole content. Throws if it is over the reader's limit for one file. */
  read(): Buffer;
}

/** A regular file that is looked at while it streams by: random access, gone when `inspect` returns. */
export interface RandomAccessFile {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  /** Up to `length` bytes from `offset`; shorter at the end of the file. */
  read(offset: number, length: number): Buffer;
  /** Offset of the first `needle` at or after `from`, or -1. */
  indexOf(needle: Buffer, from?: number): number;
}

/** One layer after its one pass; layers are never stacked here. */
export interface LayerView {
  /** What this detector wanted (by `paths` or `wants`), in byte order of `path`; symlinked wanted files are resolved. */
  readonly files: readonly LayerFile[];
  /** The kept file at `path`, through the layer's links. */
  file(path: string): LayerFile | undefined;
  /** Whether the layer has an entry at `path`, through its links; of that type if one is given. */
  has(path: string, type?: EntryType): boolean;
}

/** Something that a detector says about a layer. Plain data: it crosses threads and is stored as JSON. */
export type Found =
  | { readonly found: 'package'; readonly package: FoundPackage }
  /** An OS package database is here, even if it is empty now: its packages of lower layers are gone. */
  | { readonly found: 'database'; readonly database: string; readonly path: string }
  | { readonly found: 'distribution'; readonly distribution: Distribution }
  | { readonly found: 'repository'; readonly repository: Repository }
  /** A record or file that could not be read; everything else is kept. `passing`, of a resolver: later it may be had. */
  | {
      readonly found: 'problem';
      readonly where: string;
      readonly reason: string;
      readonly passing?: true;
    };

export interface FoundPackage extends Omit<Package, 'detector'> {
  /** `package_db` of the wire. */
  readonly database: string;
  /** The file whose removal or replacement in a higher layer removes the package. */
  readonly path: string;
  /** What its database says of the repository it came from, for `resolver` and `coalesce` of its ecosystem. */
  readonly hint?: string;
}

/**
 * Finds things in one layer. Either keeps files and reads them after the pass (`paths`, `wants`, `read`), or looks at
 * big files as they stream by (`inspects`, `inspect`), or both. Synchronous: it runs on a worker thread.
 * Throwing loses only this detector's findings of this layer, as a problem; better is to yield the problem of one record.
 */
export interface Detector {
  /** As Clair names it where it has one. */
  readonly id: string;
  /** Raised whenever the same bytes give other findings; counts on from Clair's. Part of the indexer's state. */
  readonly revision: string;
  readonly kind: 'package' | 'distribution' | 'repository';
  /** Fixed places, looked up through the layer's links, e.g. `etc/os-release`. */
  readonly paths?: readonly string[];
  /** Whether to keep this file (also asked for symlinks: the target is kept). Called for every entry: be quick. */
  wants?(entry: Entry): boolean;
  read?(layer: LayerView): Iterable<Found>;
  /** Whether this regular file may be one to look at, by its header. */
  inspects?(entry: Entry): boolean;
  /** The same by its first bytes (up to 512): only then is it buffered. Needed with `inspect`. */
  magic?(head: Buffer): boolean;
  /** Without `read`, what it finds in a file is also told of the file's hard links. */
  inspect?(file: RandomAccessFile, entry: Entry): Iterable<Found>;
  /**
   * Of an OS package database: which of `paths` its packages of this layer own. A package that another ecosystem found
   * at such a path is the distribution's, whose advisories speak for it. Called after all have read, only if there are such.
   */
  owns?(layer: LayerView, paths: ReadonlySet<string>): Iterable<string>;
}

// ---------------------------------------------------------------- coalescing

/** What one ecosystem's detectors found in one layer. */
export interface LayerFindings {
  readonly layer: Digest;
  /** Paths that the layer removes from those below: `.wh.` entries, as the removed path; an opaque directory as `dir/` (the root: `/`). */
  readonly whiteouts: readonly string[];
  /** With the detector's `id:revision:kind` on each. */
  readonly found: readonly (Found & { readonly detector: string })[];
}

/** What a resolver may use of the world, and how it is configured. */
export interface ResolverContext {
  /** `indexer.scanner.{package,dist,repo}.<detector>`, unchecked; undefined if there is none. */
  config(kind: 'package' | 'dist' | 'repo', detector: string): unknown;
  /** Whether only private addresses may be asked (`indexer.airgap`). */
  readonly airgap: boolean;
  /** As `FeedContext.request`. */
  request(url: string, options: HttpRequest & { readonly signal: AbortSignal }): Promise<HttpResponse>;
  readonly now: () => Date;
  /** For what concerns no single image, e.g. a mapping that cannot be refreshed. */
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/**
 * The ecosystem's own findings, completed; what could not be had is a `problem` of the layers that it concerns.
 * Asks nothing if no layer needs it; never throws but when `signal` is aborted. The result is not stored by layer.
 */
export type Resolve = (
  layers: readonly LayerFindings[],
  signal: AbortSignal,
) => Promise<readonly LayerFindings[]>;

/** Layers from the base upwards -> what the image has. */
export type Coalesce = (layers: readonly LayerFindings[]) => Coalesced;

export interface Coalesced {
  readonly packages: readonly IndexedPackage[];
  readonly distributions: readonly Distribution[];
  readonly repositories: readonly Repository[];
}

// ---------------------------------------------------------------- feeds

/** A family of feeds that is configured and switched as one: Clair's updater set. */
export interface FeedSet {
  /** Name in `updaters.sets` and `updaters.config`, e.g. `debian`, `osv`. Several ecosystems may share a set's name. */
  readonly set: string;
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
   * `config` is `updaters.config.<name>`, unchecked. Throws `feed` when upstream cannot be had.
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

/** A source of facts about CVEs, whatever the package. */
export interface Enricher {
  /** `clair.cvss`: updater name and key in `updaters.config`. */
  readonly name: string;
  /** Key in a report's `enrichments`. */
  readonly type: string;
  /**
   * Set where a record is `cve`, two probabilities by these names, and what all records of a load have in common: since
   * all of them change every day, a hundred CVEs are kept as one row.
   */
  readonly probabilities?: readonly [string, string];
  fetch(
    fingerprint: string,
    config: unknown,
    context: FeedContext,
  ): Promise<FetchedEnrichments | 'unchanged'>;
}

/** What an enricher has for us; its fingerprint is asked for once all of `records` is read. */
export interface FetchedEnrichments extends Pick<Fetched<Enrichment>, 'fingerprint' | 'records'> {
  /** Set if `records` is not all: what its tags begin with. What was known of others stays. Not with `probabilities`. */
  readonly prefixes?: readonly string[];
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
