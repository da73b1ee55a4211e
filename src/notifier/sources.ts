/** What the notifier asks of the other services, in this process or behind HTTP. */
import type { AdvisoryFacts } from '../model/advisory.ts';
import type { Reason } from '../transports/notification.ts';

/** A run of an updater, as the matcher tells of it. */
export interface Run {
  readonly ref: string;
  /** RFC 3339. */
  readonly date: string;
}

/** By updater: its runs, the newest first. */
export type Runs = Readonly<Record<string, readonly Run[]>>;

/** A vulnerability that came or went, as Clair writes it in JSON. */
export interface Change {
  readonly reason: Reason;
  readonly vulnerability: Readonly<Record<string, unknown>>;
  /** What it says for matching, from a matcher in this process. */
  readonly facts?: AdvisoryFacts;
  /** JSON of the vulnerability, where it is known as text. */
  readonly json?: string;
}

export interface RunSource {
  /** All that are kept; `latest`: the newest of each updater. */
  runs(latest: boolean, signal: AbortSignal): Promise<Runs>;
  /** What changed between two runs, one at a time; without `prev` all that holds after `cur`. */
  changes(cur: string, prev: string | undefined, signal: AbortSignal): AsyncIterable<Change>;
}

/** Some of the manifests that are affected. */
export interface ManifestPage {
  /** Positions of the changes that affect each. Manifests with the same positions may share the array. */
  readonly manifests: readonly (readonly [manifest: string, positions: readonly number[]])[];
  /** What to ask for to go on behind this page; '': one can only begin anew. */
  readonly next: string;
}

export interface AffectedOptions {
  /** `next` of the last page that one has; '': from the beginning. */
  readonly after: string;
  /** Told of vulnerabilities that the indexer could not look up. */
  readonly problem: (reason: string) => void;
  readonly signal: AbortSignal;
}

export interface ManifestSource {
  /**
   * Pages of manifests that any of `changes` affects; a manifest may be in several of them. Throws `too-large` when the answer is
   * more than can be had at once: ask about fewer.
   */
  affected(changes: readonly Change[], options: AffectedOptions): AsyncIterable<ManifestPage>;
}
