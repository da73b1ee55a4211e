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
}

/** A change that an indexer is asked about. */
export interface Asked {
  /** In the answer. */
  readonly id: string;
  readonly change: Change;
}

export interface RunSource {
  /** All that are kept; `latest`: the newest of each updater. */
  runs(latest: boolean, signal: AbortSignal): Promise<Runs>;
  /** What changed between two runs, one at a time; without `prev` all that holds after `cur`. */
  changes(cur: string, prev: string | undefined, signal: AbortSignal): AsyncIterable<Change>;
}

/** Manifests and the ids of what affects them. */
export interface Affected {
  readonly manifests: Readonly<Record<string, readonly string[]>>;
  /** Why some of the vulnerabilities could not be looked up. */
  readonly problems: readonly string[];
}

export interface ManifestSource {
  /** Throws `too-large` when the answer is more than can be had at once: ask about fewer. */
  affected(asked: readonly Asked[], signal: AbortSignal): Promise<Affected>;
}
