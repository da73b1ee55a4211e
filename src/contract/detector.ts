/** The detection of packages in one layer: the input of a detector, and its detections. */
import type { ProblemKind } from '../model/coverage.ts';
import type { Account } from '../model/ledger.ts';
import type { LinkedCode } from '../model/linked-code.ts';
import type { Distribution, Package, Repository } from '../model/package.ts';

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';

/** An entry of a layer during the pass. `path` is clean and relative to the root, without a leading slash; links in parents are resolved. */
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
  /** Returns the whole content. Throws if it exceeds the limit for a whole read, or the layer's limit of read bytes. */
  read(): Buffer;
  /** Returns the first `length` bytes, fewer at the end of the file. Throws if the layer's limit of read bytes is exceeded. */
  start(length: number): Buffer;
  /** Returns up to `length` bytes from `offset`, for readers that read a large file in parts. */
  part(offset: number, length: number): Buffer;
}

/** A regular file with random access during the pass. It is not valid after `inspect` returns. */
export interface RandomAccessFile {
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  /** Returns up to `length` bytes from `offset`, fewer at the end of the file. */
  read(offset: number, length: number): Buffer;
  /** Returns the offset of the first `needle` at or after `from`; -1 if none. */
  indexOf(needle: Buffer, from?: number): number;
}

/** One layer after its pass. It does not contain the layers below. */
export interface LayerView {
  /** Files that this detector requested by `paths` or `wants`, in byte order of `path`; symbolic links are resolved. */
  readonly files: readonly LayerFile[];
  /** Returns the kept file at `path`, following the layer's links; undefined if none was kept. */
  file(path: string): LayerFile | undefined;
  /** Returns whether the layer has an entry at `path`, following its links, and of `type` if given. */
  has(path: string, type?: EntryType): boolean;
  /** Returns the names in the directory at `path`, following its links; empty if it is not a directory. */
  names(path: string): readonly string[];
}

/** A detection in a layer. Plain data: it is passed between threads and stored as JSON. */
export type Detection =
  | { readonly found: 'package'; readonly package: DetectedPackage }
  /** An OS package database, possibly empty: its packages in lower layers are removed. */
  | { readonly found: 'database'; readonly database: string; readonly path: string }
  | { readonly found: 'distribution'; readonly distribution: Distribution }
  | { readonly found: 'repository'; readonly repository: Repository }
  /** The code of the program at `path`, whose packages have the same `database`. Without it, any code of theirs may be there. */
  | { readonly found: 'linked'; readonly database: string; readonly path: string; readonly code: LinkedCode }
  /**
   * A record or file that could not be read, which makes a report incomplete. `kind` refines it (undefined: `unread`).
   * `passing` (resolvers only): temporary, so that a later request can succeed.
   */
  | {
      readonly found: 'problem';
      readonly where: string;
      readonly reason: string;
      readonly kind?: ProblemKind;
      /** For `unread-inventory`: reported only if `detectors` found none of these names installed. */
      readonly lists?: { readonly detectors: readonly string[]; readonly names: readonly string[] };
      readonly passing?: true;
    };

export interface DetectedPackage extends Omit<Package, 'detector'> {
  /** `package_db` of the wire. */
  readonly database: string;
  /** The file whose removal or replacement in a higher layer removes the package. */
  readonly path: string;
  /** Origin repository in its database, for `resolver` and `coalesce` of the ecosystem; with `listed`, its package URL. */
  readonly hint?: string;
  /**
   * It is an entry of a list or archive in the layer, and of the ecosystem that its package URL (`hint`, if one exists) says:
   * that one reads it. A package that this ecosystem found itself is reported once.
   */
  readonly listed?: true;
}

/**
 * Detects packages, distributions or repositories in one layer. Keeps files and reads them after the pass (`paths`, `wants`, `read`),
 * inspects large files during the pass (`inspects`, `inspect`), or both. Synchronous: it runs on a worker thread.
 * An exception discards the detections of this detector in this layer and is reported as a problem. Prefer a problem per record.
 */
export interface Detector {
  /** Name of the detector in Clair v4 if it exists there. */
  readonly id: string;
  /** Increased when the same bytes result in other detections; continues Clair's numbers. Part of the indexer state. */
  readonly revision: string;
  readonly kind: 'package' | 'distribution' | 'repository';
  /** Reads lock files: used only for directories (`dir:`) that are not a root file system. */
  readonly checkouts?: true;
  /** Fixed paths, such as `etc/os-release`, looked up through the layer's links. */
  readonly paths?: readonly string[];
  /** Returns whether to keep this file, or the target of this symbolic link. Called for every entry, so it must be fast. */
  wants?(entry: Entry): boolean;
  read?(layer: LayerView): Iterable<Detection>;
  /** Returns whether to inspect this regular file, by its header. */
  inspects?(entry: Entry): boolean;
  /** Returns the same by its first bytes (up to 512); only then is it buffered. Required with `inspect`. */
  magic?(head: Buffer, entry: Entry): boolean;
  /**
   * For a detector with a budget per layer: returns `inspect` and `read` for one layer, which replace its own,
   * whose budget is per file.
   */
  perLayer?(): Pick<Detector, 'inspect' | 'read'>;
  /** Returns detections in a file. Without `read`, they are also reported for the file's hard links. */
  inspect?(file: RandomAccessFile, entry: Entry): Iterable<Detection>;
  /**
   * For an OS package database: returns which of `paths` its packages in this layer own. A package that another ecosystem found
   * at such a path belongs to the distribution, whose advisories cover it, if the distribution built the owner. Called
   * after all detectors have read, only if such paths or files that can run exist. `programs`: the products at such paths,
   * for a database that lists no files.
   */
  owns?(layer: LayerView, paths: ReadonlySet<string>, programs: RecognisedPrograms): Iterable<OwnedFile>;
  /** Its packages are programs that distributions package under their own names. */
  readonly findsProducts?: true;
  /** Ledger account of the files of its packages; default: `language_package`, or `program` with `findsProducts`. */
  readonly account?: Account;
  /**
   * Returns which of `paths`, files of this layer that can run, are parts of packages that it found; `packages` are the paths of
   * these packages, which it need not return. Called after all detectors have read.
   */
  brings?(layer: LayerView, paths: ReadonlySet<string>, packages: ReadonlySet<string>): Iterable<string>;
}

/** Products that were recognised, by their paths. */
export type RecognisedPrograms = ReadonlyMap<string, Pick<Package, 'name' | 'version'>>;

/**
 * A file of a package, and the maker of the package. `perhaps` means the distribution, and is used as such only if nothing but
 * products that the distribution also has were found. The distribution's advisories do not cover packages by other makers.
 */
export interface OwnedFile {
  readonly path: string;
  readonly maker: 'distribution' | 'perhaps' | 'other';
}
