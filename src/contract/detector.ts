/** How packages are found in one layer: what a detector sees of it, and what it says. */
import type { ProblemKind } from '../model/coverage.ts';
import type { Account } from '../model/ledger.ts';
import type { Distribution, Package, Repository } from '../model/package.ts';

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
  /** The whole content. Throws if it is too big to be read at once, or too much was read of the layer already. */
  read(): Buffer;
  /** The first `length` bytes, or what there is of them; throws for the latter only. */
  start(length: number): Buffer;
  /** Up to `length` bytes from `offset`, for readers that go through a big file piece by piece. */
  part(offset: number, length: number): Buffer;
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
  /** The names in the directory at `path`, through its links; none if it is no directory. */
  names(path: string): readonly string[];
}

/** Something that a detector says about a layer. Plain data: it crosses threads and is stored as JSON. */
export type Detection =
  | { readonly found: 'package'; readonly package: DetectedPackage }
  /** An OS package database is here, even if it is empty now: its packages of lower layers are gone. */
  | { readonly found: 'database'; readonly database: string; readonly path: string }
  | { readonly found: 'distribution'; readonly distribution: Distribution }
  | { readonly found: 'repository'; readonly repository: Repository }
  /**
   * A record or file that could not be read, which makes a report incomplete; everything else is kept. `kind`: what else it
   * is (undefined: `unread`). `passing`, of a resolver: later it may be had.
   */
  | {
      readonly found: 'problem';
      readonly where: string;
      readonly reason: string;
      readonly kind?: ProblemKind;
      /** Of an `unread-inventory`: it is told only if `detector` found none of these installed. */
      readonly lists?: { readonly detector: string; readonly names: readonly string[] };
      readonly passing?: true;
    };

export interface DetectedPackage extends Omit<Package, 'detector'> {
  /** `package_db` of the wire. */
  readonly database: string;
  /** The file whose removal or replacement in a higher layer removes the package. */
  readonly path: string;
  /** What its database says of the repository it came from, for `resolver` and `coalesce` of its ecosystem; of a list its package URL. */
  readonly hint?: string;
}

/**
 * Finds things in one layer. Either keeps files and reads them after the pass (`paths`, `wants`, `read`), or looks at
 * big files as they stream by (`inspects`, `inspect`), or both. Synchronous: it runs on a worker thread.
 * Throwing loses only this detector's detections of this layer, as a problem; better is to yield the problem of one record.
 */
export interface Detector {
  /** As Clair names it where it has one. */
  readonly id: string;
  /** Raised whenever the same bytes give other detections; counts on from Clair's. Part of the indexer's state. */
  readonly revision: string;
  readonly kind: 'package' | 'distribution' | 'repository';
  /** Reads what is to be installed: it is asked only about folders (`dir:`) that are no root of a system. */
  readonly checkouts?: true;
  /** Fixed places, looked up through the layer's links, e.g. `etc/os-release`. */
  readonly paths?: readonly string[];
  /** Whether to keep this file (also asked for symlinks: the target is kept). Called for every entry: be quick. */
  wants?(entry: Entry): boolean;
  read?(layer: LayerView): Iterable<Detection>;
  /** Whether this regular file may be one to look at, by its header. */
  inspects?(entry: Entry): boolean;
  /** The same by its first bytes (up to 512): only then is it buffered. Needed with `inspect`. */
  magic?(head: Buffer, entry: Entry): boolean;
  /**
   * Of a detector that counts what a layer costs: its `inspect` and `read` for one layer, to be called in place of its own,
   * which are for one file.
   */
  perLayer?(): Pick<Detector, 'inspect' | 'read'>;
  /** Without `read`, what it finds in a file is also told of the file's hard links. */
  inspect?(file: RandomAccessFile, entry: Entry): Iterable<Detection>;
  /**
   * Of an OS package database: which of `paths` its packages of this layer own. A package that another ecosystem found
   * at such a path is the distribution's, whose advisories speak for it, if the distribution has made the owner. Called
   * after all have read, only if there are such paths, or files that can run.
   */
  owns?(layer: LayerView, paths: ReadonlySet<string>): Iterable<OwnedFile>;
  /** What it finds are programs that distributions have packages of, under their own names. */
  readonly findsProducts?: true;
  /**
   * What it finds are packages that a list in the layer names, as package URLs (`hint`, if there is one): other ecosystems
   * read them, and what they found themselves counts once.
   */
  readonly lists?: true;
  /** To whose account in the ledger the files of its packages go; default: a language's, or those of programs if it finds products. */
  readonly account?: Account;
  /**
   * Which of `paths`, files of this layer that can run, are parts of packages that it found; `packages` are the paths of
   * those, which need no telling. Called after all have read.
   */
  brings?(layer: LayerView, paths: ReadonlySet<string>, packages: ReadonlySet<string>): Iterable<string>;
}

/**
 * A file of a package, and who made the package. `perhaps` is the distribution: it counts as that where nothing but
 * products were found, which the distribution has as well. Advisories of the distribution do not speak for packages of others.
 */
export interface OwnedFile {
  readonly path: string;
  readonly maker: 'distribution' | 'perhaps' | 'other';
}
