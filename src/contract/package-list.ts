/** A list of packages to be installed, such as a lock file: an image with one in which none of these is installed is incomplete. */
export interface PackageList {
  /** Of the base name, without anchors to a directory. Unique across ecosystems. */
  readonly is: RegExp;
  /** For a name that other tools use as well: returns whether `text` is such a list. Default: each is. */
  readonly isOne?: (text: string) => boolean;
  /** Ids of the detectors that find its packages once they are installed. Default: those of the ecosystem, without `checkouts`. */
  readonly detectors?: readonly string[];
  /** Returns the names of packages that are meant to be installed; empty if they cannot be told. */
  readonly names: (text: string) => readonly string[];
}
