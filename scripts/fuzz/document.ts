/** What a reader of documents is to the fuzzer. */

/** What a reader made of a case. */
export interface Read {
  /** Packages, statements, advisories, messages that arrived: whatever it is there for. */
  readonly records: number;
  readonly problems: number;
}

/** One reader with what it is given. */
export interface FuzzedDocument {
  /** Undamaged; of those that are JSON also values are damaged, not only bytes. */
  readonly seeds: () => Buffer[];
  /** What it throws as `AppError` is a refusal; anything else a failure. */
  readonly read: (bytes: Buffer) => Read | Promise<Read>;
}
