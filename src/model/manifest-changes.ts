/** What the console is told by the indexer: which manifests there are, and what is said of them. */

export interface ToldName {
  /** Registry and repository. */
  readonly name: string;
  /** '': none. */
  readonly tag: string;
  /** RFC 3339. */
  readonly at: string;
}

export interface ManifestChange {
  readonly digest: string;
  /** Another one after each change. */
  readonly version: string;
  /** Deleted: nothing else is told. */
  readonly gone: boolean;
  readonly state: string;
  readonly error: string | null;
  /** RFC 3339. */
  readonly indexed: string | null;
  readonly layers: readonly string[];
  readonly names: readonly ToldName[];
  readonly labels: Readonly<Record<string, string>>;
  readonly instructions: readonly string[] | null;
  readonly in_use: boolean;
}

export interface ManifestChanges {
  readonly changes: readonly ManifestChange[];
  /** Where to go on; null: that was all. */
  readonly next: string | null;
  /** Where to begin the next time: a change may be told twice, and none is left out. */
  readonly resume: string;
  /** What waits to be indexed. */
  readonly queue: { readonly waiting: number; readonly oldest: string | null };
}
